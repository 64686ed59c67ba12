/** What to ask a provider for next. Pure: from where a series stands and the time to requests. */
import { type Interval, intervalDurationMs, isDateInterval } from "../market/interval.ts";
import type { TimeSeriesRequest } from "./provider.ts";

/** The most candles that one request may answer. */
export const MAX_PAGE = 5000;

const DAY_MS = 24 * 60 * 60 * 1000;
const SHORTEST_MONTH_MS = 28 * DAY_MS;
/** 30 days and 2 years, and a day more, as the first of them has begun before they do. */
const FIRST_LOAD_DAYS = { intraday: 31, dated: 732 };

/**
 * The requests that bring a series up to `now`, oldest first, so that a load that is cut off leaves no
 * hole. A series never loaded takes one request for its newest candles: as many as 31 days round the
 * clock hold (2 years for a day and longer), at most a page. A loaded one is read again from
 * `rereadFrom` on, in windows that neither overlap nor leave a hole and hold at most a page each.
 */
export function planRequests(
  series: { interval: Interval; rereadFrom: Date | null },
  now: Date,
): TimeSeriesRequest[] {
  const { interval, rereadFrom } = series;
  const durationMs = intervalDurationMs(interval);
  if (rereadFrom === null) {
    const days = isDateInterval(interval) ? FIRST_LOAD_DAYS.dated : FIRST_LOAD_DAYS.intraday;
    return [{ interval, outputSize: Math.min(MAX_PAGE, Math.ceil(days * DAY_MS / durationMs)) }];
  }
  const requests: TimeSeriesRequest[] = [];
  // One candle short of a page: a provider whose end date is exclusive is asked for a date more.
  const pageMs = (MAX_PAGE - 1) * (interval === "1month" ? SHORTEST_MONTH_MS : durationMs);
  for (let start = rereadFrom.getTime(); start <= now.getTime(); start += pageMs) {
    // Times on the wire have whole seconds and both ends count, hence a second less.
    const end = Math.min(start + pageMs - 1000, now.getTime());
    requests.push({
      interval,
      start: new Date(start),
      end: new Date(end),
      outputSize: MAX_PAGE - 1,
    });
  }
  return requests;
}
