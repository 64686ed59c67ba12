/** The figures of schema market, as rows for the site. Every number is computed in SQL. */
import type { Sql } from "./connect.ts";

/** A change over a span of real time, in the price's currency and in per cent. */
export interface Change {
  amount: string;
  percent: number;
}

/** Key figures of one instrument; null where the stored candles do not reach. */
export interface Figures {
  price: string | null;
  pricedAt: Date | null;
  isForming: boolean;
  change24h: Change | null;
  change7d: Change | null;
  change30d: Change | null;
  high24h: string | null;
  low24h: string | null;
  /** Units traded in the 24 hours before the price; null when the provider reports none. */
  volume24h: string | null;
  high52w: string | null;
  low52w: string | null;
  firstCandleAt: Date | null;
}

/** The key figures of an instrument as of an instant. */
export async function getFigures(sql: Sql, instrumentId: number, asOf: Date): Promise<Figures> {
  const change = (span: string) =>
    sql`case when ${sql(`change_${span}_percent`)} is not null then jsonb_build_object(
      'amount', ${sql(`change_${span}`)}::text, 'percent', ${sql(`change_${span}_percent`)}
    ) end`;
  const [row] = await sql<[Figures]>`
    select
      price, priced_at, coalesce(is_forming, false) as is_forming,
      ${change("24h")} as "change24h",
      ${change("7d")} as "change7d",
      ${change("30d")} as "change30d",
      high_24h as "high24h", low_24h as "low24h", volume_24h as "volume24h",
      high_52w as "high52w", low_52w as "low52w", first_candle_at
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
