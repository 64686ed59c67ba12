/** Candles of longer intervals are what the shorter ones say, whatever was loaded in which order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { loadCandles } from "../../db/candles.ts";
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import type { InstrumentInput } from "../../db/instruments.ts";
import { migrate } from "../../db/migrate.ts";
import type { Candle } from "../../market/candle.ts";
import { type Interval, intervalDurationMs, INTERVALS } from "../../market/interval.ts";
import { candleOpens, type Session, sessionOf } from "../../market/session.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { forEachDatabase, testWithServer } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { expectedRollups, storedRollups } from "../support/rollups.ts";
import { withTempDir } from "../support/temp.ts";

const EURUSD: Partial<InstrumentInput> = { symbol: "EUR/USD", kind: "forex" };
/** Of an exchange whose hours are not known. */
const INFY: Partial<InstrumentInput> = {
  ...AAPL,
  symbol: "INFY:NSE",
  exchangeTimezone: "Asia/Kolkata",
  sessionCloses: null,
};
const LATE = new Date("2030-01-01T00:00:00Z");

async function load(
  database: Database,
  instrumentId: number,
  interval: Interval,
  candles: Candle[],
  loadedAt = LATE,
): Promise<void> {
  const page = { instrumentId, interval, candles, rejects: [], runId: 1, loadedAt };
  await loadCandles(database, page);
}

/** `opened_at open high low close volume`, with an `*` behind what is not final. */
async function lines(sql: Sql, instrumentId: number, interval: Interval): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(' ', to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), open, high,
      low, close, coalesce(volume::text, 'null')) || case when is_final then '' else ' *' end as line
    from market.all_candles
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
    order by opened_at`;
  return rows.map(({ line }) => line);
}

/** The open times alone. */
async function opens(sql: Sql, instrumentId: number, interval: Interval): Promise<string[]> {
  return (await lines(sql, instrumentId, interval)).map((line) => line.slice(0, 16));
}

/** Candles of a session's own times, each one higher than the one before. */
function series(
  from: string,
  to: string,
  interval: Interval,
  subject: Partial<InstrumentInput>,
): Candle[] {
  return candleOpens(new Date(from), new Date(to), interval, sessionOfSubject(subject))
    .map((at, index) => candle(at.toISOString(), `${100 + index}`, { volume: "1" }));
}

forEachDatabase(
  "A longer candle has the first open, the extremes, the last close and the exact sum of volumes",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "1h", [
      candle("2026-11-20T00:00:00Z", "10", { open: "9.10", high: "12.5", low: "9", volume: "0.1" }),
      candle("2026-11-20T01:00:00Z", "11", {
        high: "11.000000000000001",
        low: "8.25",
        volume: "0.2",
      }),
      candle("2026-11-20T02:00:00Z", "10.75", { volume: "3" }),
    ]);
    assert.deepEqual(await lines(sql, id, "2h"), [
      "2026-11-20 00:00 9.10 12.5 8.25 11 0.3",
      "2026-11-20 02:00 10.75 10.75 10.75 10.75 3",
    ]);
    assert.deepEqual(await lines(sql, id, "8h"), ["2026-11-20 00:00 9.10 12.5 8.25 10.75 3.3"]);
    assert.deepEqual(await lines(sql, id, "1day"), ["2026-11-20 00:00 9.10 12.5 8.25 10.75 3.3"]);
    assert.deepEqual(await lines(sql, id, "45min"), [], "of which an hour has no whole number");
  },
);

forEachDatabase(
  "One volume that was not reported makes the sum unknown, which is not zero",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql);
    await load(database, id, "1h", [
      candle("2026-11-20T00:00:00Z", "10", { volume: "0" }),
      candle("2026-11-20T01:00:00Z", "10", { volume: null }),
      candle("2026-11-20T02:00:00Z", "10", { volume: "0" }),
    ]);
    assert.deepEqual(await lines(sql, id, "2h"), [
      "2026-11-20 00:00 10 10 10 10 null",
      "2026-11-20 02:00 10 10 10 10 0",
    ]);
  },
);

forEachDatabase(
  "A candle that the provider sent takes the place of one that was rolled up",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql);
    const hours = [candle("2026-11-20T00:00:00Z", "10"), candle("2026-11-20T23:00:00Z", "12")];
    await load(database, id, "1h", hours);
    await load(database, id, "1day", [candle("2026-11-20T00:00:00Z", "12.5")]);
    assert.deepEqual(await lines(sql, id, "1day"), ["2026-11-20 00:00 12.5 12.5 12.5 12.5 null"]);
    assert.deepEqual(
      await lines(sql, id, "1week"),
      ["2026-11-16 00:00 12.5 12.5 12.5 12.5 null"],
      "and the week is made of it",
    );
    await load(database, id, "1h", [candle("2026-11-20T12:00:00Z", "99")]);
    assert.deepEqual(await lines(sql, id, "1day"), ["2026-11-20 00:00 12.5 12.5 12.5 12.5 null"]);
    assert.deepEqual(await lines(sql, id, "8h"), [
      "2026-11-20 00:00 10 10 10 10 null",
      "2026-11-20 08:00 99 99 99 99 null",
      "2026-11-20 16:00 12 12 12 12 null",
    ]);
  },
);

forEachDatabase(
  "A fetched candle off our grid removes those that it overlaps, so that none is there twice",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql, EURUSD);
    await load(database, id, "1h", series("2026-11-18T00:00Z", "2026-11-19T00:00Z", "1h", EURUSD));
    const day = ["02:00", "06:00", "10:00", "14:00", "18:00", "22:00"].map((t) =>
      `2026-11-18 ${t}`
    );
    assert.deepEqual(
      await opens(sql, id, "4h"),
      ["2026-11-17 22:00", ...day],
      "from 17:00 New York",
    );
    await load(database, id, "4h", [candle("2026-11-18T12:00:00Z", "1")]);
    assert.deepEqual(
      await opens(sql, id, "4h"),
      ["2026-11-17 22:00", ...day.slice(0, 2), "2026-11-18 12:00", ...day.slice(4)],
    );
  },
);

forEachDatabase(
  "The bucket under way is there and forming, and ends with its time or with a later candle",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql);
    const at = (time: string) => new Date(`2026-11-20T${time}Z`);
    const first = candle("2026-11-20T00:00:00Z", "10");
    await load(database, id, "1h", [first], at("01:02"));
    assert.deepEqual(await lines(sql, id, "2h"), ["2026-11-20 00:00 10 10 10 10 null *"]);
    const forming = candle("2026-11-20T01:00:00Z", "11", { isFinal: false });
    await load(database, id, "1h", [forming], at("01:30"));
    assert.deepEqual(await lines(sql, id, "2h"), ["2026-11-20 00:00 10 11 10 11 null *"]);
    await load(database, id, "1h", [{ ...forming, isFinal: true, close: "11" }], at("02:02"));
    assert.deepEqual(await lines(sql, id, "2h"), ["2026-11-20 00:00 10 11 10 11 null"]);
    // The hour of 03:00 is missing: nothing of its time will come once a later one has.
    await load(database, id, "1h", [candle("2026-11-20T02:00:00Z", "12")], at("03:02"));
    assert.deepEqual((await lines(sql, id, "2h")).at(-1), "2026-11-20 02:00 12 12 12 12 null *");
    await load(database, id, "1h", [candle("2026-11-20T04:00:00Z", "13")], at("05:02"));
    assert.deepEqual((await lines(sql, id, "2h")).slice(1), [
      "2026-11-20 02:00 12 12 12 12 null",
      "2026-11-20 04:00 13 13 13 13 null *",
    ]);
  },
);

forEachDatabase(
  "Hours of a US stock count from 09:30 New York on both sides of both clock changes",
  async ({ sql, database }) => {
    for (
      const [symbol, from, to, expected] of [
        // Friday before and Monday after.
        ["IN", "2026-03-06T00:00Z", "2026-03-10T00:00Z", [
          ...["2026-03-06 14:30", "2026-03-06 18:30", "2026-03-09 13:30", "2026-03-09 17:30"],
        ]],
        ["OUT", "2026-10-30T00:00Z", "2026-11-03T00:00Z", [
          ...["2026-10-30 13:30", "2026-10-30 17:30", "2026-11-02 14:30", "2026-11-02 18:30"],
        ]],
      ] as const
    ) {
      const { id } = await storeInstrument(sql, { ...AAPL, symbol, slug: symbol });
      await load(database, id, "30min", series(from, to, "30min", AAPL));
      assert.deepEqual(await opens(sql, id, "4h"), expected);
      assert.deepEqual(
        await opens(sql, id, "1day"),
        [expected[0], expected[2]].map((at) => `${at.slice(0, 10)} 00:00`),
      );
      const [friday] = await lines(sql, id, "1day");
      assert.equal(friday, `${expected[0].slice(0, 10)} 00:00 100 112 100 112 13`);
    }
  },
);

forEachDatabase(
  "A crypto day is that of UTC, on the days of the clock changes too; a week may span two years",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql);
    const crypto = { kind: "crypto" } as const;
    for (const [from, to] of [["2026-03-08", "2026-03-09"], ["2026-10-25", "2026-10-26"]]) {
      await load(database, id, "1h", series(`${from}T00:00Z`, `${to}T00:00Z`, "1h", crypto));
    }
    assert.deepEqual(await lines(sql, id, "1day"), [
      "2026-03-08 00:00 100 123 100 123 24",
      "2026-10-25 00:00 100 123 100 123 24",
    ]);
    await load(
      database,
      id,
      "1day",
      series("2026-12-28T00:00Z", "2027-01-04T00:00Z", "1day", crypto),
    );
    assert.equal((await lines(sql, id, "1week")).at(-1), "2026-12-28 00:00 100 106 100 106 7");
    assert.deepEqual((await lines(sql, id, "1month")).slice(-2), [
      "2026-12-01 00:00 100 103 100 103 4",
      "2027-01-01 00:00 104 106 104 106 3",
    ]);
  },
);

forEachDatabase(
  "A forex day begins at 17:00 New York of the date before, and Sunday evening is Monday",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql, EURUSD);
    // The week in which the clocks of New York go back, and the one before.
    await load(database, id, "1h", series("2026-10-25T00:00Z", "2026-11-07T00:00Z", "1h", EURUSD));
    const days = await lines(sql, id, "1day");
    assert.deepEqual(days.map((line) => line.slice(0, 10)), [
      ...["2026-10-26", "2026-10-27", "2026-10-28", "2026-10-29", "2026-10-30"],
      ...["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"],
    ]);
    assert.deepEqual(new Set(days.map((line) => line.split(" ").at(-1))), new Set(["24"]));
    assert.deepEqual(
      (await opens(sql, id, "8h")).filter((at) => at.endsWith("22:00") || at.endsWith("21:00"))
        .length,
      10,
      "each day has one that opens with it",
    );
  },
);

forEachDatabase(
  "Half days and leap days are days as others are",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql, AAPL);
    const hours = series("2026-11-27T00:00Z", "2026-11-28T00:00Z", "1h", AAPL);
    await syncTradingDays(sql, new Date("2026-11-27T00:00:00Z"));
    const at = (time: string) => new Date(`2026-11-27T${time}Z`);
    await load(database, id, "1h", hours.slice(0, 3), at("17:32"));
    assert.deepEqual(await lines(sql, id, "1day"), ["2026-11-27 00:00 100 102 100 102 3 *"]);
    await load(database, id, "1h", hours.slice(3), at("18:02"));
    assert.deepEqual(
      await lines(sql, id, "1day"),
      ["2026-11-27 00:00 100 103 100 103 4"],
      "it closed at 13:00",
    );
    await load(database, id, "1h", series("2028-02-29T00:00Z", "2028-03-02T00:00Z", "1h", AAPL));
    assert.deepEqual((await opens(sql, id, "1day")).slice(-2), [
      "2028-02-29 00:00",
      "2028-03-01 00:00",
    ]);
    assert.deepEqual((await opens(sql, id, "1month")).slice(-2), [
      "2028-02-01 00:00",
      "2028-03-01 00:00",
    ]);
  },
);

forEachDatabase(
  "The day before a weekend ends with its market, and not with the next candle",
  async ({ sql, database }) => {
    const forex = await storeInstrument(sql, EURUSD);
    const friday = series("2026-11-19T22:00Z", "2026-11-20T22:00Z", "1h", EURUSD);
    await load(database, forex.id, "1h", friday, new Date("2026-11-20T21:59:00Z"));
    assert.match((await lines(sql, forex.id, "1day"))[0]!, /^2026-11-20 .* 24 \*$/);
    await load(
      database,
      forex.id,
      "1h",
      [{ ...friday.at(-1)!, volume: "2" }],
      new Date("2026-11-20T22:02:00Z"),
    );
    assert.match((await lines(sql, forex.id, "1day"))[0]!, /^2026-11-20 .* 25$/, "17:00 New York");
    const tokyo = await storeInstrument(sql, {
      ...INFY,
      symbol: "T",
      exchangeTimezone: "Asia/Tokyo",
    });
    const hour = candle("2026-11-20T06:00:00Z", "10");
    await load(database, tokyo.id, "1h", [hour], new Date("2026-11-20T14:59:00Z"));
    assert.deepEqual(await lines(sql, tokyo.id, "1day"), ["2026-11-20 00:00 10 10 10 10 null *"]);
    await load(
      database,
      tokyo.id,
      "1h",
      [{ ...hour, close: "9", low: "9" }],
      new Date("2026-11-20T15:00:00Z"),
    );
    assert.deepEqual(await lines(sql, tokyo.id, "1day"), ["2026-11-20 00:00 10 10 9 9 null"]);
  },
);

forEachDatabase(
  "Where the hours of an exchange are not known its days are rolled up, and nothing that counts from its open",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql, INFY);
    // From 09:15 in Kolkata; the second hour of the day after has come as an hour.
    const quarters = ["03:45", "04:00", "04:15", "04:30"];
    await load(database, id, "15min", quarters.map((t) => candle(`2026-11-19T${t}:00Z`, "10")));
    await load(database, id, "1h", [candle("2026-11-20T04:45:00Z", "12")]);
    for (const interval of ["30min", "45min", "2h", "4h", "8h"] as const) {
      assert.deepEqual(await opens(sql, id, interval), []);
    }
    assert.deepEqual(await opens(sql, id, "1day"), ["2026-11-19 00:00", "2026-11-20 00:00"]);
  },
);

forEachDatabase(
  "A database that has candles already gets their rollups with its migration",
  async ({ sql }) => {
    await withTempDir(async (folder) => {
      const migrations = new URL("../../db/migrations/", import.meta.url);
      for await (const { name } of Deno.readDir(migrations)) {
        if (name < "0012") await Deno.copyFile(new URL(name, migrations), `${folder}/${name}`);
      }
      await migrate(sql, { folder });
    });
    const { id } = await storeInstrument(sql);
    await sql`
      insert into market.candles (
        instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
      )
      select ${id}, '1h', at, 5, 7, 3, 6, true, 1, ${LATE}
      from generate_series(
        timestamptz '2026-11-18 00:00Z', timestamptz '2026-11-20 23:00Z', interval '1 hour') at`;
    await migrate(sql);
    const stored = await storedRollups(sql, id);
    assert.ok(stored.length > 50);
    assert.deepEqual(stored, await expectedRollups(sql, id, sessionOf("crypto", null)));
  },
  { migrated: false },
);

forEachDatabase("Only the buckets that were touched are written", async ({ sql, database }) => {
  const { id } = await storeInstrument(sql);
  const hours = series("2026-11-01T00:00Z", "2026-11-21T00:00Z", "1h", { kind: "crypto" });
  await load(database, id, "1h", hours);
  const versions = async () =>
    new Map(
      (await sql<{ key: string; version: string }[]>`
        select candle_interval || to_char(opened_at at time zone 'UTC', ' YYYY-MM-DD HH24:MI') as key,
          xmin::text || ctid::text as version
        from market.rollups`).map(({ key, version }) => [key, version]),
    );
  const before = await versions();
  await load(database, id, "1h", hours.slice(-30));
  assert.deepEqual(await versions(), before, "nothing is, when nothing changed");
  await load(database, id, "1h", [candle("2026-11-10T13:00:00Z", "999", { volume: "1" })]);
  const after = await versions();
  const written = [...after].filter(([key, version]) => before.get(key) !== version);
  assert.deepEqual(written.map(([key]) => key).sort(), [
    "1day 2026-11-10 00:00",
    "1month 2026-11-01 00:00",
    "1week 2026-11-09 00:00",
    "2h 2026-11-10 12:00",
    "4h 2026-11-10 12:00",
    "8h 2026-11-10 08:00",
  ]);
});

forEachDatabase(
  "Rollups follow the trading hours of their instrument when these become known",
  async ({ sql, database }) => {
    const { id } = await storeInstrument(sql, INFY);
    await load(
      database,
      id,
      "30min",
      series("2026-11-20T00:00Z", "2026-11-21T00:00Z", "30min", AAPL),
    );
    assert.deepEqual(await opens(sql, id, "4h"), []);
    await sql`
      update market.instruments set exchange_timezone = 'America/New_York', session_closes = '16:00'
      where id = ${id}`;
    assert.deepEqual(await opens(sql, id, "4h"), ["2026-11-20 14:30", "2026-11-20 18:30"]);
    const session = sessionOf("stock", "America/New_York");
    assert.deepEqual(await storedRollups(sql, id), await expectedRollups(sql, id, session));
  },
);

const SUBJECTS: Record<string, Partial<InstrumentInput>> = {
  crypto: { kind: "crypto" },
  stock: AAPL,
  forex: EURUSD,
  unknown: INFY,
};

function sessionOfSubject({ kind, exchangeTimezone }: Partial<InstrumentInput>): Session {
  return sessionOf(kind ?? "crypto", exchangeTimezone ?? null);
}

/** Around the clock changes, a half day, a leap day and the ends of a year, a month and a week. */
const MOMENTS = ["2026-03-06", "2026-10-30", "2026-11-27", "2028-02-29", "2026-12-31"];

interface RandomLoad {
  interval: Interval;
  moment: string;
  first: number;
  values: { skip: number; price: number; volume: number | null; isFinal: boolean }[];
  loadedDay: number;
}

const randomLoad: fc.Arbitrary<RandomLoad> = fc.record({
  interval: fc.constantFrom(...INTERVALS),
  moment: fc.constantFrom(...MOMENTS),
  first: fc.integer({ min: 0, max: 40 }),
  values: fc.array(
    fc.record({
      skip: fc.constantFrom(1, 1, 1, 1, 2, 7),
      price: fc.integer({ min: 1, max: 9 }),
      volume: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 9 }),
      isFinal: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  loadedDay: fc.integer({ min: 0, max: 4 }),
});

/** Opens on the grid of the interval, and off it where nobody knows the grid. */
function candlesOf(
  { interval, moment, first, values }: RandomLoad,
  subject: Partial<InstrumentInput>,
) {
  const session = sessionOfSubject(subject);
  const from = Date.parse(`${moment}T14:00:00Z`);
  const stepMs = intervalDurationMs(interval);
  const known = candleOpens(new Date(from), new Date(from + 400 * stepMs), interval, session);
  const times = known.length > 0
    ? known.map((at) => at.getTime())
    : values.concat(values).map((_, i) => Math.floor(from / stepMs + first + i) * stepMs);
  let index = known.length > 0 ? first : 0;
  return values.flatMap(({ skip, price, volume, isFinal }) => {
    const at = times[index];
    index += skip;
    if (at === undefined) return [];
    const [open, close] = [`${price}`, `${price + 1}`];
    return [candle(new Date(at).toISOString(), close, {
      open,
      high: `${price + 2}`,
      low: open,
      volume: volume === null ? null : `${volume}`,
      isFinal,
    })];
  });
}

forEachDatabase(
  "Whatever is loaded in whatever order, the rollups are those of a full recomputation",
  async ({ sql, database }) => {
    let count = 0;
    const property = fc.asyncProperty(
      fc.constantFrom(...Object.entries(SUBJECTS)),
      fc.array(randomLoad, { minLength: 1, maxLength: 12 }),
      async ([name, subject], loads) => {
        const symbol = `${name}${++count}`;
        const { id } = await storeInstrument(sql, { ...subject, symbol, slug: symbol });
        for (const each of loads) {
          const loadedAt = new Date(Date.parse(each.moment) + each.loadedDay * 86_400_000);
          await load(database, id, each.interval, candlesOf(each, subject), loadedAt);
        }
        const session = sessionOfSubject(subject);
        const stored = await storedRollups(sql, id);
        assert.deepEqual(stored, await expectedRollups(sql, id, session));
        await sql`select market.rebuild_rollups(${id})`;
        assert.deepEqual(await storedRollups(sql, id), stored, "rebuild_rollups() finds the same");
      },
    );
    await fc.assert(property, { numRuns: 60 });
  },
);

testWithServer(
  "Two series of an instrument that load at once leave right rollups",
  async (server) => {
    const databaseUrl = await server.createDatabase("rollups_at_once");
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    try {
      await migrate(database.sql);
      const { id } = await storeInstrument(database.sql);
      const days = Array.from({ length: 8 }, (_, day) => `2026-11-0${day + 1}`);
      const crypto = { kind: "crypto" } as const;
      await Promise.all(days.flatMap((day) => {
        const hours = series(`${day}T00:00Z`, `${day}T12:00Z`, "1h", crypto);
        const halves = series(`${day}T12:00Z`, `${day}T24:00Z`, "30min", crypto);
        return [load(database, id, "1h", hours), load(database, id, "30min", halves)];
      }));
      assert.equal((await lines(database.sql, id, "1day")).length, days.length);
      assert.deepEqual(
        await storedRollups(database.sql, id),
        await expectedRollups(database.sql, id, sessionOf("crypto", null)),
      );
    } finally {
      await database.close();
    }
  },
);
