/** Candle intervals: how long a candle lasts, and when it ends on the calendar. */
import { z } from "zod";
import { DAY_MS } from "./holidays.ts";

/** Every interval that a candle can have, shortest first, in the provider's and our own spelling. */
export const INTERVALS = [
  "1min",
  "5min",
  "15min",
  "30min",
  "45min",
  "1h",
  "2h",
  "4h",
  "8h",
  "1day",
  "1week",
  "1month",
] as const;

export const Interval = z.enum(INTERVALS);
export type Interval = z.infer<typeof Interval>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const DURATIONS_MS: Record<Interval, number> = {
  "1min": MINUTE_MS,
  "5min": 5 * MINUTE_MS,
  "15min": 15 * MINUTE_MS,
  "30min": 30 * MINUTE_MS,
  "45min": 45 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "1day": DAY_MS,
  "1week": 7 * DAY_MS,
  "1month": 31 * DAY_MS,
};

/** The longest that a candle of this interval lasts, in milliseconds (a month counts 31 days). */
export function intervalDurationMs(interval: Interval): number {
  return DURATIONS_MS[interval];
}

/** Whether candles of this interval carry a date (a day or longer) and not a time. */
export function isDateInterval(interval: Interval): boolean {
  return DURATIONS_MS[interval] >= DAY_MS;
}

/** The instant one interval after `openedAt`; a month ends where the next calendar month (UTC) begins. */
export function addInterval(openedAt: Date, interval: Interval): Date {
  if (interval === "1month") {
    return new Date(Date.UTC(openedAt.getUTCFullYear(), openedAt.getUTCMonth() + 1, 1));
  }
  return new Date(openedAt.getTime() + DURATIONS_MS[interval]);
}
