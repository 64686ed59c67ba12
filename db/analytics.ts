/** The figures of schema market, as rows for the site. Every number is computed in SQL. */
import type { Sql } from "./connect.ts";

/** A change over a span of real time, in the price's currency and in per cent. */
export interface Change {
  amount: string;
  percent: number;
}

/** The highest or lowest price of all that is stored, and the first date that had it. */
export interface Extreme {
  price: string;
  /** `YYYY-MM-DD`. */
  date: string;
}

/** Key figures of one instrument; null where the stored candles do not reach. */
export interface Figures {
  price: string | null;
  pricedAt: Date | null;
  isForming: boolean;
  change1h: Change | null;
  change24h: Change | null;
  change7d: Change | null;
  change30d: Change | null;
  changeYtd: Change | null;
  change1y: Change | null;
  high24h: string | null;
  low24h: string | null;
  /** Units traded in the 24 hours before the price; null when the provider reports none. */
  volume24h: string | null;
  /** Money traded in them, in the price's currency, estimated; null as the volume. */
  turnover24h: string | null;
  high52w: string | null;
  low52w: string | null;
  allTimeHigh: Extreme | null;
  allTimeLow: Extreme | null;
  /** Units traded a day, of the days of the last 30 that report it; null when none does. */
  averageDailyVolume30d: string | null;
  firstCandleAt: Date | null;
}

/** The key figures of an instrument as of an instant. */
export async function getFigures(sql: Sql, instrumentId: number, asOf: Date): Promise<Figures> {
  const change = (span: string) =>
    sql`case when ${sql(`change_${span}_percent`)} is not null then jsonb_build_object(
      'amount', ${sql(`change_${span}`)}::text, 'percent', ${sql(`change_${span}_percent`)}
    ) end`;
  const extreme = (end: "high" | "low") =>
    sql`case when ${sql(`all_time_${end}`)} is not null then jsonb_build_object(
      'price', ${sql(`all_time_${end}`)}::text, 'date', ${sql(`all_time_${end}_on`)}
    ) end`;
  const [row] = await sql<[Figures]>`
    select
      price, priced_at, coalesce(is_forming, false) as is_forming,
      ${change("1h")} as "change1h",
      ${change("24h")} as "change24h",
      ${change("7d")} as "change7d",
      ${change("30d")} as "change30d",
      ${change("ytd")} as "changeYtd",
      ${change("1y")} as "change1y",
      high_24h as "high24h", low_24h as "low24h", volume_24h as "volume24h",
      turnover_24h as "turnover24h", high_52w as "high52w", low_52w as "low52w",
      ${extreme("high")} as "allTimeHigh", ${extreme("low")} as "allTimeLow",
      average_daily_volume_30d as "averageDailyVolume30d", first_candle_at
    from market.figures(${instrumentId}, ${asOf})`;
  return row;
}

/** Returns of the daily candles dated in `[from, to)`, ascending, in per cent. */
export async function listDailyReturns(
  sql: Sql,
  instrumentId: number,
  window: { from: Date; to: Date },
): Promise<{ date: string; percent: number }[]> {
  return await sql<{ date: string; percent: number }[]>`
    select traded_on::text as date, return_percent as percent
    from market.daily_closes(${instrumentId}, ${window.from}, ${window.to})
    where return_percent is not null
    order by traded_on`;
}
