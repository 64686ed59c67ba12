/** Which candles of an instrument can be had. */
import { type Interval, INTERVALS } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

/** The stored candles of one interval, from which open time to which. */
export interface SeriesSpan {
  interval: Interval;
  firstAt: Date;
  lastAt: Date;
  /** Whether the provider sent some of them. */
  hasFetched: boolean;
  /** Whether some were rolled up from shorter ones. */
  hasRolledUp: boolean;
}

/** One for each interval that has candles, shortest first. Costs the same however many there are. */
export async function listSeriesSpans(sql: Sql, instrumentId: number): Promise<SeriesSpan[]> {
  const openTime = (end: "asc" | "desc") =>
    sql`(
      select c.opened_at
      from market.all_candles c
      where c.instrument_id = ${instrumentId} and c.candle_interval = i.name
      order by c.opened_at ${end === "asc" ? sql`asc` : sql`desc`}
      limit 1
    )`;
  const isIn = (table: "candles" | "rollups") =>
    sql`exists (
      select from ${sql(`market.${table}`)} c
      where c.instrument_id = ${instrumentId} and c.candle_interval = i.name
    )`;
  return await sql<SeriesSpan[]>`
    select s.*
    from unnest(${[...INTERVALS]}::text[]) with ordinality i (name, position)
    cross join lateral (
      select i.name as interval, ${openTime("asc")} as first_at, ${openTime("desc")} as last_at,
        ${isIn("candles")} as has_fetched, ${isIn("rollups")} as has_rolled_up
    ) s
    where s.first_at is not null
    order by i.position`;
}
