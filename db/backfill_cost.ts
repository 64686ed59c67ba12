/** How many requests the rest of a backfill will take, as far as can be known before it is loaded. */
import { type Interval, intervalDurationMs } from "../market/interval.ts";
import { candleOpens, type Session } from "../market/session.ts";
import type { Backfill } from "./backfills.ts";
import type { Sql } from "./connect.ts";

/** Candles in a stretch of time that is loaded. */
export interface LoadedStretch {
  candles: number;
  durationMs: number;
}

/** The most candles that the provider answers at once. */
const PAGE_CANDLES = 5000;
/** Fewer may lie in one day or one quiet night, and say nothing of a year. */
const LEAST_CANDLES = 1000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** A Monday of a week in which no market has a holiday. */
const ORDINARY_WEEK = new Date("2026-06-08");

/**
 * Requests of a page each for a stretch of `durationMs`, at least one. Its candles are as dense as those
 * loaded, or where these are few as the session has them in a week; round the clock where that is not
 * known.
 */
export function estimateRequests(
  durationMs: number,
  interval: Interval,
  session: Session,
  loaded: LoadedStretch,
): number {
  const perMs = loaded.candles >= LEAST_CANDLES
    ? loaded.candles / loaded.durationMs
    : candlesPerWeek(interval, session) / WEEK_MS;
  return Math.max(1, Math.ceil(durationMs * perMs / PAGE_CANDLES));
}

/** Requests that an unfinished backfill still needs. It reads a page of its candles at most. */
export async function countRequestsLeft(
  sql: Sql,
  backfill: Backfill,
  session: Session,
): Promise<number> {
  const { instrumentId, candleInterval, wantedFrom, wantedTo, reachedAt } = backfill;
  const [page] = await sql<[{ candles: number; newestAt: Date | null }]>`
    select count(*) as candles, max(opened_at) as newest_at
    from (
      select opened_at from market.candles
      where instrument_id = ${instrumentId} and candle_interval = ${candleInterval}
        and opened_at >= ${reachedAt} and opened_at < ${wantedTo}
      order by opened_at
      limit ${PAGE_CANDLES}
    ) oldest`;
  const newestMs = (page.newestAt ?? reachedAt).getTime();
  return estimateRequests(
    reachedAt.getTime() - wantedFrom.getTime(),
    candleInterval,
    session,
    {
      candles: page.candles,
      durationMs: newestMs - reachedAt.getTime() + intervalDurationMs(candleInterval),
    },
  );
}

function candlesPerWeek(interval: Interval, session: Session): number {
  const durationMs = intervalDurationMs(interval);
  if (session.name === "unknown" || durationMs >= WEEK_MS) return WEEK_MS / durationMs;
  const end = new Date(ORDINARY_WEEK.getTime() + WEEK_MS);
  return candleOpens(ORDINARY_WEEK, end, interval, session).length;
}
