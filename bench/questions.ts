/** What the site asks the database, as `deno task bench query` does, and the yardstick beside it. */
import { listCandles } from "../db/candles.ts";
import type { Sql } from "../db/connect.ts";
import { listOverview } from "../db/overview.ts";
import type { Candle } from "../market/candle.ts";
import { type Interval, INTERVALS } from "../market/interval.ts";
import { NOW } from "./simulated_run.ts";

/** How many candles a page has. */
export const PAGE = 500;

const YEAR_MS = 365 * 86_400_000;

/** The newest {@linkcode PAGE} candles of an instrument and interval, in `[from, to]`. */
export interface Series {
  instrumentId: number;
  interval: Interval;
  isFetched: boolean;
  from: Date;
  to: Date;
}

export interface Question {
  name: string;
  /** The newest candles of an interval, as against figures computed from them. */
  isPage: boolean;
  /** How often it is measured. */
  rounds: number;
  /** The target, in yardsticks. */
  atMost: number;
  /** Each round may ask it of other instruments. */
  ask(sql: Sql, round: number): Promise<unknown>;
}

/**
 * Every series that has a page of candles, be they fetched or rolled up. Of months rolled up 300 are
 * enough, as the calendar begins in 2001.
 */
export async function listSeries(sql: Sql): Promise<Series[]> {
  const all = await sql<Series[]>`
    select s.instrument_id, s.candle_interval as interval, s.is_fetched, page.from, page.to
    from (
      select instrument_id, candle_interval, rolled_up_from is null as is_fetched
      from market.all_candles
      group by instrument_id, candle_interval, is_fetched
      having count(*) >= case candle_interval when '1month' then 300 else ${PAGE}::integer end
    ) s
    cross join lateral (
      select min(opened_at) as from, max(opened_at) as to
      from (
        select opened_at from market.all_candles c
        where c.instrument_id = s.instrument_id and c.candle_interval = s.candle_interval
        order by opened_at desc
        limit ${PAGE}
      ) newest
    ) page
    order by s.instrument_id`;
  const lacking = INTERVALS.filter((interval) => !all.some((one) => one.interval === interval));
  if (lacking.length > 0) throw new Error(`No series has ${PAGE} candles of ${lacking.join(", ")}`);
  return all;
}

/** A page of every interval, of fetched series and of rolled up ones; then the figures. */
export function listQuestions(all: Series[]): Question[] {
  const pages = INTERVALS.flatMap((interval) => {
    return [true, false].flatMap((isFetched): Question[] => {
      const series = all.filter((one) => one.interval === interval && one.isFetched === isFetched);
      if (series.length === 0) return [];
      return [{
        name: `last ${PAGE} of ${interval}, ${isFetched ? "fetched" : "rolled up"}`,
        isPage: true,
        rounds: 400,
        atMost: 2,
        ask(sql, round) {
          return listCandles(sql, pick(series, round).instrumentId, interval, { limit: PAGE });
        },
      }];
    });
  });
  const daily = all.filter(({ interval }) => interval === "1day");
  return [
    ...pages,
    {
      name: `a page of ${PAGE} with six indicators`,
      isPage: false,
      rounds: 200,
      atMost: 12,
      ask: (sql, round) => listIndicators(sql, pick(all, round)),
    },
    {
      name: "the overview of 50 instruments",
      isPage: false,
      rounds: 100,
      atMost: 15,
      ask: (sql) => listOverview(sql, "simulator", NOW),
    },
    {
      name: "10 instruments over a year, correlated",
      isPage: false,
      rounds: 100,
      atMost: 40,
      ask(sql, round) {
        const some = Array.from({ length: 10 }, (_, i) => pick(daily, round + 5 * i).instrumentId);
        return compare(sql, some);
      },
    },
  ];
}

/** One of the list by turns. */
export function pick<T>(list: T[], round: number): T {
  return list[round % list.length]!;
}

/** The yardstick: a page of a fetched series by its primary key. */
export async function fetchByKey(sql: Sql, series: Series): Promise<void> {
  const { instrumentId, interval, from, to } = series;
  const rows = await sql`
    select opened_at, open, high, low, close, volume, is_final
    from market.candles
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
      and opened_at between ${from} and ${to}
    order by opened_at`;
  if (rows.length !== PAGE) {
    throw new Error(`The yardstick has ${rows.length} candles, not ${PAGE}`);
  }
}

/**
 * What a page of a market that never closes costs without rollups: the candles since `from`, made of
 * its minutes.
 */
export async function rollUpMinutes(
  sql: Sql,
  { instrumentId, interval, from }: Pick<Series, "instrumentId" | "interval" | "from">,
): Promise<Omit<Candle, "isFinal">[]> {
  return await sql<Omit<Candle, "isFinal">[]>`
    select
      -- 1900-01-01 was a Monday, as weeks begin.
      date_bin(market.interval_duration(${interval}), opened_at, '1900-01-01 00:00+00') as opened_at,
      (array_agg(open order by opened_at))[1] as open, max(high) as high, min(low) as low,
      (array_agg(close order by opened_at desc))[1] as close, sum(volume) as volume
    from market.candles
    where instrument_id = ${instrumentId} and candle_interval = '1min' and opened_at >= ${from}
    group by 1
    order by 1`;
}

async function listIndicators(sql: Sql, { instrumentId, interval, from, to }: Series) {
  return await sql`
    select opened_at, open, high, low, close, volume,
      sma_20, ema_20, macd, rsi_14, bollinger_upper, atr_14
    from market.indicators(
      ${instrumentId}, ${interval}, ${from}, ${to}::timestamptz + interval '1 second'
    )`;
}

async function compare(sql: Sql, instrumentIds: number[]) {
  const from = new Date(NOW.getTime() - YEAR_MS);
  return [
    await sql`select * from market.rebased(${instrumentIds}::integer[], '1day', ${from}, ${NOW})`,
    await sql`
      select * from market.correlations(${instrumentIds}::integer[], '1day', ${from}, ${NOW})`,
  ];
}
