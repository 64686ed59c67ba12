/** A class of instruments side by side: its members, their lines from a common start, their averages. */
import type { InstrumentKind, Source } from "../market/instrument.ts";
import type { DateWindow } from "../market/stats_window.ts";
import type { Sql } from "./connect.ts";
import { askUncompiled } from "./uncompiled.ts";

/** An instrument of a class and its daily candles in a window; dates are `YYYY-MM-DD`. */
export interface ClassMember {
  instrumentId: number;
  symbol: string;
  slug: string;
  kind: InstrumentKind;
  firstOn: string | null;
  lastOn: string | null;
  /** Why it is not compared with the others, whose common dates it would cut short; null when it is. */
  leftOut: "no_candle" | "late" | "ended" | null;
}

/** The active instruments of some kinds, by symbol. */
export async function listClassMembers(
  sql: Sql,
  source: Source,
  kinds: readonly InstrumentKind[],
  { from, to }: DateWindow,
): Promise<ClassMember[]> {
  return await askUncompiled(sql, (tx) =>
    tx<ClassMember[]>`
      select instrument_id, symbol, slug, kind, first_on::text, last_on::text, left_out
      from market.class_members(${source}, ${kinds}, ${from}, ${to})
      order by symbol`);
}

/** What an instrument has returned over the dates that all of those asked for have in common. */
export interface ClassReturn {
  instrumentId: number;
  symbol: string;
  slug: string;
  /** From 1; equal returns share a place. */
  place: number;
  /** Compounded, in per cent. */
  returnPercent: number;
  /** `YYYY-MM-DD`: the same for all. */
  startedOn: string;
  endedOn: string;
}

/** The compounded returns of daily candles, best first. */
export async function listClassReturns(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
): Promise<ClassReturn[]> {
  return await askUncompiled(sql, (tx) =>
    tx<ClassReturn[]>`
      select r.instrument_id, i.symbol, i.slug, r.place, r.return_percent,
        (r.started_at at time zone 'UTC')::date::text as started_on,
        (r.ended_at at time zone 'UTC')::date::text as ended_on
      from market.performance_ranking(${instrumentIds}, '1day', ${from}, ${to}) r
      join market.instruments i on i.id = r.instrument_id
      order by r.place, i.symbol`);
}

/** A point of the chart of a class. */
export interface ClassPoint {
  /** `YYYY-MM-DD`. */
  date: string;
  /** Mean of the lines of each kind that has several, by kind. */
  means: Partial<Record<InstrumentKind, number>>;
  /** The lines that are shown, by instrument. */
  values: Record<number, number>;
}

/**
 * Daily lines that begin at 100 at the first date that all have, thinned out to at most `points` dates. The
 * means stand for all of `instrumentIds`, of which only the lines of `shown` are returned.
 */
export async function listClassPoints(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
  { shown, points }: { shown: number[]; points: number },
): Promise<ClassPoint[]> {
  return await askUncompiled(sql, (tx) =>
    tx<ClassPoint[]>`
      with lines as materialized (
        select l.instrument_id, i.kind, l.opened_at, l.value
        from market.compared_lines(${instrumentIds}, '1day', ${from}, ${to}, ${points}) l
        join market.instruments i on i.id = l.instrument_id
      ), means as (
        select opened_at, kind, avg(value) as value
        from lines
        group by opened_at, kind
        having count(*) > 1
      )
      select
        (l.opened_at at time zone 'UTC')::date::text as date,
        coalesce((
          select jsonb_object_agg(m.kind, m.value) from means m where m.opened_at = l.opened_at
        ), '{}') as means,
        coalesce(
          jsonb_object_agg(l.instrument_id, l.value) filter (where l.instrument_id = any(${shown})),
          '{}'
        ) as values
      from lines l
      group by l.opened_at
      order by l.opened_at`);
}

/** A day of an instrument and the means of the closes of the 7 and 30 days up to it. */
export interface AveragePoint {
  /** `YYYY-MM-DD`. */
  date: string;
  close: string;
  /** Null where the stored days do not reach back that far. */
  average7Days: number | null;
  average30Days: number | null;
}

/** The daily closes of an instrument with their moving averages, ascending, at most `points` of them. */
export async function listMovingAverages(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
  points: number,
): Promise<AveragePoint[]> {
  return await askUncompiled(sql, (tx) =>
    tx<AveragePoint[]>`
      select traded_on::text as date, close, average_7_days as "average7Days",
        average_30_days as "average30Days"
      from market.moving_average_points(${instrumentId}, ${from}, ${to}, ${points})
      order by traded_on`);
}
