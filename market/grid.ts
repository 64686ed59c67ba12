/** The grid of an interval: the instants at which its candles can open, whether a market trades or not. */
import { DAY_MS } from "./holidays.ts";
import { type Interval, intervalDurationMs, isDateInterval } from "./interval.ts";
import type { Session } from "./session.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Makes the test of whether a candle can open at an instant (unix milliseconds). It refuses only what no
 * reading of the interval allows:
 *
 * - a day or longer: 00:00 UTC of any date
 * - up to 30 minutes: multiples of the interval
 * - 45 minutes and longer: of US stocks counted from 09:30 New York of the date, round the clock from
 *   00:00 UTC
 * - of forex whole hours from 2 hours on, and quarters of an hour for 45 minutes: nobody says from when
 *   the provider counts, and it shifts with the season
 * - of an unknown session: multiples of the interval, of 15 minutes at most, as exchanges open then
 */
export function gridOf(interval: Interval, session: Session): (ms: number) => boolean {
  const durationMs = intervalDurationMs(interval);
  if (isDateInterval(interval)) return (ms) => ms % DAY_MS === 0;
  if (session.name === "us_stocks" && durationMs > 30 * MINUTE_MS) {
    return (ms) => (ms - newYorkOpenMs(Math.floor(ms / DAY_MS))) % durationMs === 0;
  }
  const stepMs = stepOf(durationMs, session);
  return (ms) => ms % stepMs === 0;
}

function stepOf(durationMs: number, { name }: Session): number {
  if (name === "unknown") return Math.min(durationMs, 15 * MINUTE_MS);
  if (name !== "forex") return durationMs;
  return durationMs === 45 * MINUTE_MS ? 15 * MINUTE_MS : Math.min(durationMs, HOUR_MS);
}

// Time zone arithmetic costs microseconds, and the candles of a page share few days.
const newYorkOpens = new Map<number, number>();

/** 09:30 New York of the date, be it a trading day or not. */
function newYorkOpenMs(day: number): number {
  let opensMs = newYorkOpens.get(day);
  if (opensMs === undefined) {
    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    const opens = Temporal.PlainDateTime.from(`${date}T09:30`);
    opensMs = opens.toZonedDateTime("America/New_York").epochMilliseconds;
    newYorkOpens.set(day, opensMs);
  }
  return opensMs;
}
