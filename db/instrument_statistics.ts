/** What the daily closes of an instrument say over a window. Dates are `YYYY-MM-DD`, ratios no per cents. */
import type { DateWindow } from "../market/stats_window.ts";
import type { Sql } from "./connect.ts";

/** `market.performance()` with a risk-free rate of 0; null where there are too few closes. */
export interface Performance {
  /** Dates of the first and the last close that count. */
  firstOn: string | null;
  lastOn: string | null;
  returnCount: number;
  compoundedReturnPercent: number | null;
  /** A year. */
  volatilityPercent: number | null;
  sharpeRatio: number | null;
  deepestDrawdownPercent: number | null;
  deepestDrawdownPeakOn: string | null;
  deepestDrawdownTroughOn: string | null;
  longestDrawdownDays: number | null;
  longestDrawdownPeakOn: string | null;
  /** Null while it is under way. */
  longestDrawdownRecoveredOn: string | null;
  bestDayPercent: number | null;
  bestDayOn: string | null;
  worstDayPercent: number | null;
  worstDayOn: string | null;
}

/** How many daily returns lie in `[lowerPercent, upperPercent)`. */
export interface ReturnBucket {
  lowerPercent: number;
  upperPercent: number;
  returnCount: number;
  sharePercent: number;
}

/** How far the close of a date is below the highest so far; 0 or less. */
export interface DrawdownPoint {
  date: string;
  depthPercent: number;
}

/** A fall below the highest close so far. */
export interface Drawdown {
  peakOn: string;
  troughOn: string;
  /** Null while it is under way. */
  recoveredOn: string | null;
  depthPercent: number;
  durationDays: number;
}

export async function getPerformance(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<Performance> {
  const [row] = await sql<[Performance]>`
    select
      first_on::text, last_on::text, return_count, compounded_return_percent, volatility_percent,
      sharpe_ratio, deepest_drawdown_percent, deepest_drawdown_peak_on::text,
      deepest_drawdown_trough_on::text, longest_drawdown_days, longest_drawdown_peak_on::text,
      longest_drawdown_recovered_on::text, best_day_percent, best_day_on::text, worst_day_percent,
      worst_day_on::text
    from market.performance(${instrumentId}, ${from}, ${to})`;
  return row;
}

/** At most 30 buckets of one width, ascending; none without a return. */
export async function listReturnBuckets(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<ReturnBucket[]> {
  return await sql<ReturnBucket[]>`
    select lower_percent, upper_percent, return_count, share_percent
    from market.return_distribution(${instrumentId}, ${from}, ${to})
    order by lower_percent`;
}

/** At most 250 points, ascending; where there are more closes the deepest of each stretch. */
export async function listDrawdownPath(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<DrawdownPoint[]> {
  return await sql<DrawdownPoint[]>`
    select traded_on::text as date, depth_percent
    from market.drawdown_path(${instrumentId}, ${from}, ${to})
    order by traded_on`;
}

/** The deepest first, at most `limit`. */
export async function listDeepestDrawdowns(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
  limit: number,
): Promise<Drawdown[]> {
  return await sql<Drawdown[]>`
    select peak_on::text, trough_on::text, recovered_on::text, depth_percent, duration_days
    from market.drawdowns(${instrumentId}, ${from}, ${to}) d
    order by d.depth_percent, d.peak_on
    limit ${limit}`;
}
