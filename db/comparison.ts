/** Several instruments side by side, over their daily candles. Every number is computed in SQL. */
import type { DateWindow } from "../market/stats_window.ts";
import type { Sql } from "./connect.ts";
import { askUncompiled } from "./uncompiled.ts";

/** The first and the last date that several have a final candle on, as 00:00 UTC. */
export interface CommonWindow {
  startedAt: Date;
  endedAt: Date;
}

/** The dates that all have in common; null when there is none. */
export async function getCommonWindow(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
): Promise<CommonWindow | null> {
  const [row] = await askUncompiled(sql, (tx) =>
    tx<CommonWindow[]>`
      select * from market.common_window(${instrumentIds}, '1day', ${from}, ${to})`);
  return row ?? null;
}

/** One date of the lines: where each of the instruments stands when all began at 100. */
export interface ComparedPoint {
  openedAt: Date;
  /** In the order of the instruments asked for; null of one without a candle in the window. */
  values: (number | null)[];
}

/** The lines of instruments from their common start at 100, in at most `points` dates, ascending. */
export async function listComparedLines(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
  points: number,
): Promise<ComparedPoint[]> {
  return await askUncompiled(sql, (tx) =>
    tx<ComparedPoint[]>`
      with lines as materialized (
        select * from market.compared_lines(${instrumentIds}, '1day', ${from}, ${to}, ${points})
      )
      -- JSON, as the driver reads the null in an array of numbers as NaN.
      select d.opened_at, jsonb_agg(l.value order by i.place) as values
      from (select distinct opened_at from lines) d
      cross join unnest(${instrumentIds}::integer[]) with ordinality i (id, place)
      left join lines l on l.opened_at = d.opened_at and l.instrument_id = i.id
      group by d.opened_at
      order by d.opened_at`);
}

/** A cell of the correlation matrix. */
export interface Correlation {
  instrumentId: number;
  otherInstrumentId: number;
  /** Of daily returns, -1 to 1; null when too few are common to both or one does not vary. */
  correlation: number | null;
  /** Returns that both have. */
  observations: number;
}

/** Both halves of the correlation matrix, and its diagonal. */
export async function listCorrelations(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
): Promise<Correlation[]> {
  return await askUncompiled(sql, (tx) =>
    tx<Correlation[]>`
      select * from market.correlations(${instrumentIds}, '1day', ${from}, ${to})`);
}

/** What was asked of a rolling correlation. */
export interface RollingQuestion extends DateWindow {
  pair: readonly [instrumentId: number, otherInstrumentId: number];
  /** Common daily returns in each correlation. */
  returns: number;
  /** How many dates at most. */
  points: number;
}

/** The correlation of the newest so many returns that both have, at dates of the window, ascending. */
export async function listRollingCorrelation(
  sql: Sql,
  { pair: [id, other], from, to, returns, points }: RollingQuestion,
): Promise<{ openedAt: Date; correlation: number | null }[]> {
  return await askUncompiled(sql, (tx) =>
    tx<{ openedAt: Date; correlation: number | null }[]>`
      select * from market.rolling_correlation_points(
        ${id}, ${other}, ${from}, ${to}, ${returns}, ${points})
      order by opened_at`);
}

/** One line of the table of risk and return; per cents, dates as `YYYY-MM-DD`. */
export interface RiskRow {
  instrumentId: number;
  /** Dates of the first and the last close that count. */
  firstOn: string;
  lastOn: string;
  /** Daily returns between them. */
  observations: number;
  returnPercent: number | null;
  returnPercentPerYear: number | null;
  volatilityPercentPerYear: number | null;
  /** Against the benchmark, 1 of the benchmark itself. */
  beta: number | null;
  deepestDrawdownPercent: number | null;
  drawdownPeakOn: string | null;
  drawdownTroughOn: string | null;
}

/**
 * Return and risk of each instrument from its first close in the window on, in the order asked for; none
 * of one without a final candle there. The first is the benchmark.
 */
export async function listRisk(
  sql: Sql,
  instrumentIds: number[],
  { from, to }: DateWindow,
): Promise<RiskRow[]> {
  return await askUncompiled(sql, (tx) =>
    tx<RiskRow[]>`
      select
        r.instrument_id, r.first_traded_on::text as first_on, r.last_traded_on::text as last_on,
        r.observations, p.compounded_return_percent as return_percent,
        r.return_percent_per_year, r.volatility_percent_per_year, b.beta,
        p.deepest_drawdown_percent, p.deepest_drawdown_peak_on::text as drawdown_peak_on,
        p.deepest_drawdown_trough_on::text as drawdown_trough_on
      from market.risk_and_return(${instrumentIds}, ${from}, ${to}) r
      join market.betas(${instrumentIds}, ${instrumentIds[0] ?? null}, '1day', ${from}, ${to}) b
        using (instrument_id)
      -- Its window begins behind the first close, so that it counts from that one too.
      cross join lateral market.performance(
        r.instrument_id, (r.first_traded_on + 1)::timestamp at time zone 'UTC', ${to}) p
      order by array_position(${instrumentIds}::integer[], r.instrument_id)`);
}
