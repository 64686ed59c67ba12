/** Candles and indicators for the price chart, page by page. Charts use floating point; nothing else does. */
import type { Candle } from "../market/candle.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

/** The columns of `market.indicators()` that do not depend on where a page begins. */
export const INDICATOR_COLUMNS = [
  "sma_20",
  "sma_50",
  "sma_200",
  "ema_12",
  "ema_20",
  "ema_26",
  "wma_20",
  "macd",
  "macd_signal",
  "macd_histogram",
  "rsi_14",
  "bollinger_middle",
  "bollinger_upper",
  "bollinger_lower",
  "atr_14",
  "stochastic_k",
  "stochastic_d",
  "roc_20",
  "donchian_upper",
  "donchian_lower",
  "adx_14",
  // From the session's open below a day; of longer candles it would begin anew with each page.
  "vwap",
] as const;

export type IndicatorColumn = typeof INDICATOR_COLUMNS[number];

/** One value a candle in each column, ascending; at the price level of today (adjusted for splits). */
export interface ChartPage {
  /** Open times, UTC seconds. */
  times: number[];
  opens: number[];
  highs: number[];
  lows: number[];
  closes: number[];
  /** Units traded; null where it was not reported. */
  volumes: (number | null)[];
  /** The wanted indicators; null where there is too little history. */
  indicators: Partial<Record<IndicatorColumn, (number | null)[]>>;
  /** Closes of the compared instrument beside each candle; null when none is compared. */
  compared: (number | null)[] | null;
  /** Whether no older candle is stored. */
  isStart: boolean;
}

export interface ChartWindow {
  /** Exclusive; without it the newest candle is the last. */
  before?: Date;
  /** How many candles at most, the newest ones before `before`. */
  limit: number;
  indicators: readonly IndicatorColumn[];
  /** The instrument to compare with. */
  comparedId?: number | null;
}

/** Float digits that a chart can show: what more there are only makes a page heavier. */
const DIGITS = 10;

/** A page of the chart of one series. */
export async function getChartPage(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  { before, limit, indicators, comparedId = null }: ChartWindow,
): Promise<ChartPage> {
  const { from, isStart } = await findPageStart(sql, instrumentId, interval, { before, limit });
  const to = before ?? null;
  const [rows, compared] = await Promise.all([
    listColumns(sql, instrumentId, interval, { from, to, indicators }),
    comparedId === null
      ? null
      : listClosesBeside(sql, instrumentId, comparedId, interval, { from, to }),
  ]);
  const column = (at: number) => rows.map((row) => shorten(row[at] ?? null));
  const known = (at: number) => rows.map((row) => shorten(row[at]!));
  const times = rows.map((row) => row[0]!);
  return {
    times,
    opens: known(1),
    highs: known(2),
    lows: known(3),
    closes: known(4),
    volumes: column(5),
    indicators: Object.fromEntries(indicators.map((name, index) => [name, column(6 + index)])),
    compared: compared && alignTo(times, compared),
    isStart,
  };
}

/** Where the page of so many candles begins; null where everything that is stored is on it. */
async function findPageStart(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  { before, limit }: { before?: Date; limit: number },
): Promise<{ from: Date | null; isStart: boolean }> {
  const [first, older] = await sql<{ openedAt: Date }[]>`
    select opened_at
    from market.all_candles
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
      ${before ? sql`and opened_at < ${before}` : sql``}
    order by opened_at desc
    offset ${limit - 1}
    limit 2`;
  return { from: first?.openedAt ?? null, isStart: older === undefined };
}

/** A row's values in the order of the select. Only the wanted indicators are in it: others cost nothing. */
async function listColumns(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  { from, to, indicators }: {
    from: Date | null;
    to: Date | null;
    indicators: readonly IndicatorColumn[];
  },
): Promise<(number | null)[][]> {
  const prices = sql`
    extract(epoch from c.opened_at)::float8,
    c.open::float8, c.high::float8, c.low::float8, c.close::float8, c.volume::float8`;
  if (indicators.length === 0) {
    return await sql`
      select ${prices}
      from market.candles_adjusted c
      where c.instrument_id = ${instrumentId} and c.candle_interval = ${interval}
        ${from ? sql`and c.opened_at >= ${from}` : sql``}
        ${to ? sql`and c.opened_at < ${to}` : sql``}
      order by c.opened_at`.values();
  }
  return await sql`
    select ${prices} ${indicators.map((name) => sql`, c.${sql(name)}`)}
    from market.indicators(${instrumentId}, ${interval}, ${from}, ${to}) c`.values();
}

/** Closes of the other instrument by the open time (UTC seconds) of the candle that they stand beside. */
async function listClosesBeside(
  sql: Sql,
  instrumentId: number,
  otherId: number,
  interval: Interval,
  { from, to }: { from: Date | null; to: Date | null },
): Promise<{ time: number; close: number | null }[]> {
  return await sql<{ time: number; close: number | null }[]>`
    select extract(epoch from opened_at)::float8 as time, close
    from market.closes_beside(${instrumentId}, ${otherId}, ${interval}, ${from}, ${to})`;
}

/** Two reads of one page are a moment apart: a candle that only one of them saw has no close beside it. */
function alignTo(times: number[], closes: { time: number; close: number | null }[]) {
  const byTime = new Map(closes.map(({ time, close }) => [time, close]));
  return times.map((time) => shorten(byTime.get(time) ?? null));
}

function shorten<T extends number | null>(value: T): T {
  return value === null ? value : Number(value.toPrecision(DIGITS)) as T;
}

/** The newest `limit` candles before an instant, ascending and exact, at the price level of today. */
export async function listAdjustedCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  { to, limit }: { to: Date; limit: number },
): Promise<Candle[]> {
  return await sql<Candle[]>`
    select * from (
      select opened_at, open, high, low, close, volume, is_final
      from market.candles_adjusted
      where instrument_id = ${instrumentId} and candle_interval = ${interval}
        and opened_at < ${to}
      order by opened_at desc
      limit ${limit}
    ) newest
    order by opened_at`;
}

/** How far back the stored candles of a series reach; null without any. */
export async function getOldestOpen(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
): Promise<Date | null> {
  const [row] = await sql<{ openedAt: Date }[]>`
    select opened_at
    from market.all_candles
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
    order by opened_at
    limit 1`;
  return row?.openedAt ?? null;
}
