/** A gap is a candle that should be there and is not: no more, no less, and never a false alarm. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { type Gap, listGaps, recordEmptyGap } from "../../db/gaps.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { DAY_MS } from "../../market/holidays.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";
import { makeGeneratedMarket } from "../../simulator/generated_market.ts";
import { PROFILES } from "../../simulator/listings.ts";
import { Random } from "../../simulator/random.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const CRYPTO = { symbol: "BTC/USD" };
const FOREX = {
  symbol: "EUR/USD",
  name: "Euro / US Dollar",
  kind: "forex" as const,
  currencyBase: "Euro",
};

/** Stores a candle at each open time, and the watermark around them. */
async function storeCandles(
  sql: Sql,
  { id }: Instrument,
  interval: Interval,
  opens: Date[],
): Promise<void> {
  for (let i = 0; i < opens.length; i += 20_000) {
    await sql`
      insert into market.candles (
        instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id,
        loaded_at
      )
      select ${id}, ${interval}, opened_at, 1, 1, 1, 1, true, 1, ${NOW}
      from unnest(${
      opens.slice(i, i + 20_000).map((at) => at.toISOString())
    }::timestamptz[]) as row (opened_at)`;
  }
  await sql`
    insert into market.watermarks (instrument_id, candle_interval, newest_final_at, oldest_at)
    values (${id}, ${interval}, ${opens.at(-1)!}, ${opens[0]!})`;
}

async function deleteCandles(
  sql: Sql,
  { id }: Instrument,
  interval: Interval,
  opens: Date[],
): Promise<void> {
  await sql`
    delete from market.candles
    where instrument_id = ${id} and candle_interval = ${interval}
      and opened_at = any(${opens.map((at) => at.toISOString())}::timestamptz[])`;
}

/** What the simulator has of a symbol in a window, both ends inclusive. */
function simulatedOpens(symbol: string, interval: Interval, from: Date, to: Date): Date[] {
  const listing = PROFILES.find((profile) => profile.symbol === symbol)!;
  const window = { fromMs: from.getTime(), toMs: to.getTime(), count: Infinity };
  return makeGeneratedMarket(1).bars(listing, interval, window, NOW.getTime())
    .map(({ openedMs }) => new Date(openedMs));
}

function hours(from: string, count: number, stepMs = HOUR_MS): Date[] {
  return Array.from({ length: count }, (_, i) => new Date(Date.parse(from) + i * stepMs));
}

const all = async (sql: Sql) => [...await listGaps(sql, { source: "simulator", now: NOW })];
const short = (gap: Gap) => {
  const text = (at: Date) => at.toISOString().slice(0, 16);
  return `${gap.symbol} ${gap.candleInterval} ${text(gap.openedFrom)} ${text(gap.openedTo)} ` +
    gap.missing;
};

forEachDatabase(
  "one candle in a hundred is deleted, and exactly those are the gaps; before there are none",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    // Thanksgiving and the half day after it, Christmas, New Year, Good Friday, both clock changes.
    const from = new Date("2025-10-27T00:00:00Z");
    const to = new Date("2026-04-10T00:00:00Z");
    const series = [];
    for (const values of [AAPL, CRYPTO, FOREX]) {
      const instrument = await storeInstrument(sql, values);
      for (const interval of ["5min", "1h", "1day", "1week", "1month"] as const) {
        const opens = simulatedOpens(instrument.symbol, interval, from, to);
        await storeCandles(sql, instrument, interval, opens);
        series.push({ instrument, interval, opens });
      }
    }
    assert.deepEqual(await all(sql), []);
    assert.deepEqual([...await sql`select * from market.gaps`], []);

    const random = new Random(7);
    const deleted: string[] = [];
    for (const { instrument, interval, opens } of series) {
      const chosen = opens.filter(() => random.uniform() < 0.01);
      await deleteCandles(sql, instrument, interval, chosen);
      deleted.push(...chosen.map((at) => `${instrument.id} ${interval} ${at.toISOString()}`));
    }
    assert.ok(deleted.length > 700);
    const startedMs = performance.now();
    const gaps = await all(sql);
    assert.ok(performance.now() - startedMs < 10_000, "a check of everything takes seconds");
    const missing = await sql<{ instrumentId: number; candleInterval: string; openedAt: Date }[]>`
      select * from market.missing_candles`;
    assert.deepEqual(
      missing.map((row) =>
        `${row.instrumentId} ${row.candleInterval} ${row.openedAt.toISOString()}`
      ).sort(),
      deleted.sort(),
    );
    assert.equal(gaps.reduce((sum, gap) => sum + gap.missing, 0), deleted.length);
    assert.ok(gaps.length > 600);
  },
);

forEachDatabase("an unbroken run of missing candles is one gap", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const stock = await storeInstrument(sql, AAPL);
  const opens = simulatedOpens(
    "AAPL",
    "1h",
    new Date("2026-03-02T00:00:00Z"),
    new Date("2026-03-13T00:00:00Z"),
  );
  await storeCandles(sql, stock, "1h", opens);
  // Friday's last two and Monday's first, over a weekend with a clock change; then one on Tuesday.
  const gone = [
    "2026-03-06T19:30:00Z",
    "2026-03-06T20:30:00Z",
    "2026-03-09T13:30:00Z",
    "2026-03-10T15:30:00Z",
  ].map((text) => new Date(text));
  await deleteCandles(sql, stock, "1h", gone);
  assert.deepEqual((await all(sql)).map(short), [
    "AAPL 1h 2026-03-10T15:30 2026-03-10T15:30 1",
    "AAPL 1h 2026-03-06T19:30 2026-03-09T13:30 3",
  ]);
});

forEachDatabase("a gap lies between the two ends of what is loaded", async ({ sql }) => {
  const crypto = await storeInstrument(sql, CRYPTO);
  const opens = hours("2026-05-01T00:00:00Z", 48);
  await storeCandles(sql, crypto, "1h", opens);
  await sql`
    update market.watermarks set oldest_at = '2026-04-30T22:00Z', newest_final_at = '2026-05-03T01:00Z'`;
  assert.deepEqual((await all(sql)).map(short), [
    "BTC/USD 1h 2026-05-03T00:00 2026-05-03T01:00 2",
    "BTC/USD 1h 2026-04-30T22:00 2026-04-30T23:00 2",
  ]);
  await sql`update market.watermarks set newest_final_at = null`;
  assert.deepEqual(await all(sql), [], "only a forming candle is there");
});

forEachDatabase("before 2001 no calendar is known and no gap is claimed", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  const stock = await storeInstrument(sql, AAPL);
  await storeCandles(sql, stock, "1day", [
    new Date("2000-12-04T00:00:00Z"),
    new Date("2001-01-03T00:00:00Z"),
  ]);
  assert.deepEqual((await all(sql)).map(short), ["AAPL 1day 2001-01-02T00:00 2001-01-02T00:00 1"]);
});

forEachDatabase("an instrument that was deactivated has no gaps", async ({ sql }) => {
  const crypto = await storeInstrument(sql, CRYPTO);
  const opens = hours("2026-05-01T00:00:00Z", 48);
  await storeCandles(sql, crypto, "1h", opens);
  await deleteCandles(sql, crypto, "1h", [opens[5]!]);
  assert.equal((await all(sql)).length, 1);
  await sql`update market.instruments set is_active = false`;
  assert.deepEqual(await all(sql), []);
});

forEachDatabase("listGaps() asks for a window, symbols and intervals", async ({ sql }) => {
  const opens = hours("2026-05-01T00:00:00Z", 72);
  const days = hours("2026-05-01T00:00:00Z", 20, DAY_MS);
  for (const symbol of ["BTC/USD", "ETH/USD"]) {
    const crypto = await storeInstrument(sql, { symbol });
    await storeCandles(sql, crypto, "1h", opens);
    await storeCandles(sql, crypto, "1day", days);
    await deleteCandles(sql, crypto, "1h", [opens[10]!, opens[40]!, opens[41]!]);
    await deleteCandles(sql, crypto, "1day", [days[1]!]);
  }
  const list = async (filter: Partial<Parameters<typeof listGaps>[1]>) =>
    (await listGaps(sql, { source: "simulator", now: NOW, ...filter })).map(short);
  assert.equal((await list({})).length, 6);
  assert.deepEqual(await list({ symbols: ["ETH/USD"], intervals: ["1day"] }), [
    "ETH/USD 1day 2026-05-02T00:00 2026-05-02T00:00 1",
  ]);
  assert.deepEqual(
    await list({ from: opens[41]!, to: opens[60]!, symbols: ["BTC/USD"], intervals: ["1h"] }),
    ["BTC/USD 1h 2026-05-02T17:00 2026-05-02T17:00 1"],
    "the part inside the window, its begin inclusive",
  );
  assert.deepEqual(await list({ to: opens[10]! }), [], "its end exclusive");
  assert.deepEqual(await list({ source: "twelve_data" }), []);
});

const TORONTO = {
  kind: "stock" as const,
  exchange: "TSX",
  micCode: "XTSE",
  exchangeTimezone: "America/Toronto",
  currency: "CAD",
  currencyBase: null,
  currencyQuote: null,
};

forEachDatabase(
  "where no calendar is known the other instruments of the exchange say what is missing",
  async ({ sql }) => {
    // Victoria Day, 2026-05-18, is no trading day in Toronto.
    const opens = hours("2026-05-11T13:30:00Z", 12, DAY_MS)
      .filter((at) => ![0, 6].includes(at.getUTCDay()) && at.getUTCDate() !== 18)
      .flatMap((day) => hours(day.toISOString(), 7));
    const stocks = [];
    for (const symbol of ["RY", "TD", "BNS"]) {
      const stock = await storeInstrument(sql, { ...TORONTO, symbol });
      await storeCandles(sql, stock, "1h", opens);
      stocks.push(stock);
    }
    // Neither another kind, nor another exchange, nor one that nobody named is a witness.
    const strangers = [
      { symbol: "XIU", kind: "etf" as const },
      { symbol: "XIC", kind: "etf" as const },
      { symbol: "NEO", micCode: "NEOE" },
      { symbol: "WHERE", micCode: null, exchange: null },
      { symbol: "ELSE", micCode: null, exchange: null },
    ];
    for (const [i, stranger] of strangers.entries()) {
      const stock = await storeInstrument(sql, { ...TORONTO, ...stranger });
      await storeCandles(sql, stock, "1h", i < 4 ? hours(opens[0]!.toISOString(), 200) : opens);
    }
    assert.deepEqual(await all(sql), []);

    const tuesday = new Date("2026-05-19T13:30:00Z");
    await deleteCandles(sql, stocks[0]!, "1h", [tuesday]);
    assert.deepEqual((await all(sql)).map(short), ["RY 1h 2026-05-19T13:30 2026-05-19T13:30 1"]);
    await deleteCandles(sql, stocks[1]!, "1h", [tuesday]);
    assert.equal((await all(sql)).length, 2, "one of two others has it: half");
    await deleteCandles(sql, stocks[2]!, "1h", [tuesday]);
    assert.deepEqual(await all(sql), [], "nobody has it");
  },
);

forEachDatabase(
  "only instruments that are loaded over the time are asked, and the minority is not believed",
  async ({ sql }) => {
    const opens = hours("2026-05-11T13:00:00Z", 10);
    const [a, b, c, d] = await Promise.all(
      ["A", "B", "C", "D"].map((symbol) => storeInstrument(sql, { ...TORONTO, symbol })),
    );
    for (const stock of [a!, b!, c!]) await storeCandles(sql, stock, "1h", opens);
    await storeCandles(sql, d!, "1h", hours("2026-05-20T13:00:00Z", 3));
    await deleteCandles(sql, a!, "1h", [opens[4]!]);
    await deleteCandles(sql, b!, "1h", [opens[4]!]);
    assert.equal((await all(sql)).length, 2, "D began later and is no voice");
    await sql`update market.watermarks set oldest_at = ${opens[0]!} where instrument_id = ${d!.id}`;
    // Now one of three others has the hour, and of the rest two of three.
    assert.deepEqual((await all(sql)).map(short), ["D 1h 2026-05-11T13:00 2026-05-11T22:00 9"]);
    await sql`update market.instruments set is_active = false where symbol in ('B', 'D')`;
    assert.deepEqual((await all(sql)).map(short), ["A 1h 2026-05-11T17:00 2026-05-11T17:00 1"]);
  },
);

forEachDatabase("long forex candles are known from other pairs only", async ({ sql }) => {
  await syncTradingDays(sql, NOW);
  // Not aligned to UTC nor to New York, as the provider's.
  const opens = hours("2026-05-12T03:00:00Z", 12, 4 * HOUR_MS);
  const euro = await storeInstrument(sql, FOREX);
  await storeCandles(sql, euro, "4h", opens);
  await deleteCandles(sql, euro, "4h", [opens[5]!]);
  assert.deepEqual(await all(sql), [], "alone");
  const pound = await storeInstrument(sql, { ...FOREX, symbol: "GBP/USD" });
  await storeCandles(sql, pound, "4h", opens);
  assert.deepEqual((await all(sql)).map(short), ["EUR/USD 4h 2026-05-12T23:00 2026-05-12T23:00 1"]);
});

forEachDatabase(
  "forex hours around the weekend are missed only where they were ever seen",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const euro = await storeInstrument(sql, FOREX);
    // Two clock changes apart: on 2026-03-08 New York's and so the week's begin moves by an hour.
    const whole = simulatedOpens(
      "EUR/USD",
      "1h",
      new Date("2026-02-20T00:00:00Z"),
      new Date("2026-03-28T00:00:00Z"),
    );
    const newYorkHour = (at: Date) =>
      Number(at.toLocaleString("en-US", {
        timeZone: "America/New_York",
        hour: "2-digit",
        hourCycle: "h23",
      }));
    // A provider that begins the week an hour late, rests an hour at each roll, ends an hour early,
    // and has a candle on a Saturday.
    const opens = whole.filter((at) => ![16, 17].includes(newYorkHour(at)));
    await storeCandles(sql, euro, "1h", opens);
    await sql`
      insert into market.candles
      select instrument_id, candle_interval, '2026-03-07T10:00Z', open, high, low, close, volume,
        is_final, run_id, loaded_at
      from market.candles limit 1`;
    assert.deepEqual(await all(sql), []);
    // Another pair has one of these hours: then it is missing here.
    const pound = await storeInstrument(sql, { ...FOREX, symbol: "GBP/USD" });
    const seen = new Date("2026-03-05T21:00:00Z");
    await storeCandles(sql, pound, "1h", [seen]);
    assert.deepEqual((await all(sql)).map(short), [
      "EUR/USD 1h 2026-03-12T20:00 2026-03-12T20:00 1",
      "EUR/USD 1h 2026-03-05T21:00 2026-03-05T21:00 1",
      "EUR/USD 1h 2026-02-26T21:00 2026-02-26T21:00 1",
    ]);
  },
);

forEachDatabase("an empty gap is asked again after a day, then after a week", async ({ sql }) => {
  const crypto = await storeInstrument(sql, CRYPTO);
  const opens = hours("2026-05-01T00:00:00Z", 48);
  await storeCandles(sql, crypto, "1h", opens);
  await deleteCandles(sql, crypto, "1h", opens.slice(10, 14));
  const due = async (now: Date) => [
    ...await listGaps(sql, { source: "simulator", isDue: true, now }),
  ];
  const later = (days: number, from: Date = NOW) => new Date(from.getTime() + days * DAY_MS);

  const [gap] = await due(NOW);
  assert.equal(gap?.missing, 4);
  assert.equal(gap.askAgainAt, null);
  await recordEmptyGap(sql, gap, NOW);
  const [confirmed] = await all(sql);
  assert.deepEqual(confirmed, { ...gap, lastEmptyAt: NOW, askAgainAt: later(1) });
  assert.deepEqual(await due(new Date(later(1).getTime() - 1)), []);
  assert.deepEqual(await due(later(1)), [confirmed]);

  for (const asked of [later(1), later(8)]) {
    await recordEmptyGap(sql, gap, asked);
    assert.deepEqual((await all(sql)).map((g) => g.askAgainAt), [later(7, asked)]);
    assert.deepEqual(await due(new Date(later(7, asked).getTime() - 1)), []);
  }
  const [row] = await sql`select count(*), max(empty_count) as empties from market.gap_answers`;
  assert.deepEqual({ ...row }, { count: 1, empties: 3 });
});

forEachDatabase(
  "what remains of a partly filled gap keeps its memory; what is new beside it has none",
  async ({ sql }) => {
    const crypto = await storeInstrument(sql, CRYPTO);
    const opens = hours("2026-05-01T00:00:00Z", 48);
    await storeCandles(sql, crypto, "1h", opens);
    await deleteCandles(sql, crypto, "1h", opens.slice(10, 16));
    const [whole] = await all(sql);
    await recordEmptyGap(sql, whole!, NOW);
    await sql`
      insert into market.candles
      select instrument_id, candle_interval, ${opens[12]!}, open, high, low, close, volume,
        is_final, run_id, loaded_at
      from market.candles limit 1`;
    await deleteCandles(sql, crypto, "1h", [opens[16]!]);
    const askAgainAt = new Date(NOW.getTime() + DAY_MS);
    assert.deepEqual(
      (await all(sql)).map((gap) => [gap.openedFrom, gap.missing, gap.askAgainAt]),
      [
        [opens[16], 1, null],
        [opens[13], 3, askAgainAt],
        [opens[10], 2, askAgainAt],
      ],
    );
    // The second time that a part is empty is a second time.
    const rest = (await all(sql))[1]!;
    await recordEmptyGap(sql, rest, askAgainAt);
    assert.deepEqual((await all(sql))[1]!.askAgainAt, new Date(NOW.getTime() + 8 * DAY_MS));
    assert.deepEqual((await all(sql))[2]!.askAgainAt, askAgainAt, "the other part was not asked");
  },
);

forEachDatabase("Gaps are asked for without compiling the question", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  await sql.unsafe(`
    create or replace function market.find_gaps(
      wanted_source market.source, wanted_from timestamptz, wanted_to timestamptz,
      wanted_symbols text[] default null, wanted_intervals text[] default null
    ) returns table (
      source market.source, instrument_id integer, symbol text,
      candle_interval market.candle_interval, opened_from timestamptz, opened_to timestamptz,
      missing_candles bigint, last_empty_at timestamptz, ask_again_at timestamptz
    )
    language sql stable
    as $$
      select
        wanted_source, ${id}, current_setting('jit'), '1h'::market.candle_interval, now(), now(),
        1::bigint, null::timestamptz, null::timestamptz
    $$`);
  assert.deepEqual((await all(sql)).map(({ symbol }) => symbol), ["off"]);
});
