/** The calendar in SQL is that of market/session.ts, whatever it was before. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sql } from "../../db/connect.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { DAY_MS, dayNumberOf } from "../../market/holidays.ts";
import { InstrumentKind } from "../../market/instrument.ts";
import { type Interval, intervalDurationMs, INTERVALS } from "../../market/interval.ts";
import { candleOpens, type Session, sessionOf, tradingDay } from "../../market/session.ts";
import { forEachDatabase } from "../support/databases.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const US = sessionOf("stock", "America/New_York");
const FOREX = sessionOf("forex", null);
const CRYPTO = sessionOf("crypto", null);
const UNKNOWN = sessionOf("stock", "Asia/Kolkata");

interface StoredDay {
  sessionName: string;
  tradedOn: string;
  opensAt: Date;
  closesAt: Date;
}

async function listDays(sql: Sql): Promise<StoredDay[]> {
  return [
    ...await sql<StoredDay[]>`
      select session_name, traded_on::text, opens_at, closes_at from market.trading_days
      order by session_name, traded_on`,
  ];
}

/** The rows as they lie in the table: they change with every write, even of the same values. */
async function rowVersions(sql: Sql): Promise<unknown> {
  const [row] = await sql`
    select md5(string_agg(xmin::text || ctid::text, ' ' order by session_name, traded_on)) as versions
    from market.trading_days`;
  return row?.versions;
}

function ruledDays(session: Session, first: string, last: string): StoredDay[] {
  const days: StoredDay[] = [];
  for (let day = dayNumberOf(Date.parse(first)); day <= dayNumberOf(Date.parse(last)); day++) {
    const hours = tradingDay(day, session);
    if (!hours) continue;
    days.push({
      sessionName: session.name,
      tradedOn: new Date(day * DAY_MS).toISOString().slice(0, 10),
      opensAt: new Date(hours.opensMs),
      closesAt: new Date(hours.closesMs),
    });
  }
  return days;
}

forEachDatabase("syncTradingDays() stores every day from 2001 to a year ahead", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  // 400 days after NOW lie in 2027, whose end is the horizon.
  assert.deepEqual(await listDays(sql), [
    ...ruledDays(FOREX, "2001-01-01", "2027-12-31"),
    ...ruledDays(US, "2001-01-01", "2027-12-31"),
  ]);
});

forEachDatabase("syncTradingDays() writes nothing when the days agree", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const before = await rowVersions(sql);
  await syncTradingDays(sql, new Date(NOW.getTime() + DAY_MS));
  assert.equal(await rowVersions(sql), before);
});

forEachDatabase("syncTradingDays() corrects the days of other rules", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const right = await listDays(sql);
  await sql`delete from market.trading_days where traded_on = '2026-11-23'`;
  await sql`
    insert into market.trading_days
    values ('us_stocks', '2026-11-26', '2026-11-26T14:30Z', '2026-11-26T21:00Z')`;
  await sql`
    update market.trading_days set closes_at = closes_at + interval '3 hours'
    where session_name = 'us_stocks' and traded_on = '2026-11-27'`;
  await syncTradingDays(sql, NOW);
  assert.deepEqual(await listDays(sql), right);
});

forEachDatabase("syncTradingDays() leaves days beyond its horizon alone", async ({ sql }) => {
  await syncTradingDays(sql, new Date("2028-06-01T00:00:00Z"));
  const before = await rowVersions(sql);
  await syncTradingDays(sql, NOW);
  assert.equal(await rowVersions(sql), before);
});

forEachDatabase("Four syncs at once end as one", async ({ sql }) => {
  await Promise.all(Array.from({ length: 4 }, () => syncTradingDays(sql, NOW)));
  assert.equal(
    (await listDays(sql)).length,
    ruledDays(FOREX, "2001-01-01", "2027-12-31").length +
      ruledDays(US, "2001-01-01", "2027-12-31").length,
  );
});

forEachDatabase("market.session_name() is sessionOf() for every kind and zone", async ({ sql }) => {
  for (const kind of InstrumentKind.options) {
    for (const timezone of [null, "America/New_York", "America/Toronto", "UTC", ""]) {
      const [row] = await sql<[{ name: string }]>`
        select market.session_name(${kind}, ${timezone}) as name`;
      assert.equal(row.name, sessionOf(kind, timezone).name, `${kind} ${timezone}`);
    }
  }
});

async function expectedCandles(
  sql: Sql,
  session: Session,
  interval: Interval,
  [from, to]: [Date, Date],
): Promise<Date[]> {
  const rows = await sql<{ openedAt: Date }[]>`
    select opened_at from market.expected_candles(${session.name}, ${interval}, ${from}, ${to})
    order by opened_at`;
  return rows.map(({ openedAt }) => openedAt);
}

/** Thanksgiving and its half day, Christmas, New Year, and both clock changes of New York. */
const NOTABLE = [
  "2026-11-26T00:00:00Z",
  "2025-12-24T18:00:00Z",
  "2024-12-31T22:00:00Z",
  "2026-11-01T06:00:00Z",
  "2027-03-14T07:00:00Z",
  "2007-03-11T07:00:00Z",
  "2001-09-11T12:00:00Z",
].map((text) => Date.parse(text));

forEachDatabase("market.expected_candles() is candleOpens() over any window", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const anywhere = fc.integer({ min: Date.parse("2001-01-01"), max: Date.parse("2027-12-01") });
  const notable = fc.constantFrom(...NOTABLE).chain((ms) =>
    fc.integer({ min: ms - 4 * DAY_MS, max: ms + 2 * DAY_MS })
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(US, FOREX, CRYPTO, UNKNOWN),
      fc.constantFrom(...INTERVALS),
      fc.oneof(notable, anywhere),
      fc.integer({ min: 0, max: 400 }),
      fc.constantFrom(0, -1, 1, 500),
      async (session, interval, fromMs, candles, offMs) => {
        // Windows that begin on the grid, a millisecond off it, and anywhere.
        const durationMs = intervalDurationMs(interval);
        const begin = offMs === 500 ? fromMs : Math.floor(fromMs / durationMs) * durationMs + offMs;
        const from = new Date(Math.max(begin, Date.parse("2001-01-01")));
        const to = new Date(
          Math.min(from.getTime() + candles * durationMs, Date.parse("2027-12-31")),
        );
        const expected = candleOpens(from, to, interval, session);
        assert.deepEqual(await expectedCandles(sql, session, interval, [from, to]), expected);
      },
    ),
    { numRuns: 300 },
  );
});

forEachDatabase("a month that begins on a weekend is expected before its first trading day", async (
  { sql },
) => {
  await syncTradingDays(sql, NOW);
  // 2026-08-01 is a Saturday.
  const window: [Date, Date] = [new Date("2026-08-01T00:00:00Z"), new Date("2026-08-02T00:00:00Z")];
  assert.deepEqual(await expectedCandles(sql, US, "1month", window), [window[0]]);
});

forEachDatabase("the calendar is the same in every time zone of a connection", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const window: [Date, Date] = [new Date("2026-10-28T00:00:00Z"), new Date("2026-11-04T00:00:00Z")];
  for (const timezone of ["Australia/Sydney", "America/New_York"]) {
    await sql.begin(async (tx) => {
      await tx`select set_config('timezone', ${timezone}, true)`;
      for (const session of [US, FOREX, CRYPTO]) {
        for (const interval of ["1h", "1day", "1week", "1month"] as const) {
          assert.deepEqual(
            await expectedCandles(tx as unknown as Sql, session, interval, window),
            candleOpens(...window, interval, session),
            `${session.name} ${interval} in ${timezone}`,
          );
        }
      }
    });
  }
});
