/** Whether a series is as new as its market lets it be. Pure. */
import { type Interval, intervalDurationMs } from "../market/interval.ts";
import { candleOpens, closesAt, isOpen, type Session } from "../market/session.ts";

/**
 * `fresh`: nothing is missing and the market trades; `market_closed`: nothing is missing as it does not;
 * `stale`: a candle has ended and is not there; `unknown`: its hours are not known; `empty`: nothing was
 * ever loaded.
 */
export type Freshness = "fresh" | "market_closed" | "stale" | "unknown" | "empty";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A run an hour, with time for its end: a candle that ended later than this may not have been asked for. */
const GRACE_MS = 90 * MINUTE_MS;

/** No market rests longer than the first; the second holds a week's or a month's next candle. */
const LONGEST_PAUSE_DAYS = [12, 70];

/** How new a series is whose newest final candle opened at `newestFinalAt`. */
export function freshnessOf(
  newestFinalAt: Date | null,
  interval: Interval,
  session: Session,
  now: Date,
): Freshness {
  if (newestFinalAt === null) return "empty";
  if (session.name === "unknown") return "unknown";
  const next = nextOpen(newestFinalAt, interval, session);
  if (next !== null && closesAt(next, interval, session).getTime() + GRACE_MS < now.getTime()) {
    return "stale";
  }
  return isOpen(now, session) ? "fresh" : "market_closed";
}

/** The open time of the candle after one that opened at `openedAt`. */
function nextOpen(openedAt: Date, interval: Interval, session: Session): Date | null {
  const from = openedAt.getTime() + 1;
  // Most candles follow at once: days of 1min candles need not be counted to see that.
  const spans = [2 * intervalDurationMs(interval), ...LONGEST_PAUSE_DAYS.map((d) => d * DAY_MS)];
  for (const span of spans) {
    const [next] = candleOpens(new Date(from), new Date(from + span), interval, session);
    if (next) return next;
  }
  return null;
}
