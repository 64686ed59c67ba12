/** Wire rows to candles. Pure: neither the network nor the database is seen from here. */
import { brokenCandleRule, type Candle, compareDecimals } from "../market/candle.ts";
import { type Interval, intervalDurationMs, isDateInterval } from "../market/interval.ts";
import { closesAt, type Session } from "../market/session.ts";
import type { Reject, WireRow } from "./provider.ts";

export interface NormalizeContext {
  interval: Interval;
  session: Session;
  /** When the rows were fetched: a candle that ends later is still forming. */
  asOf: Date;
  /** The window that was asked for, both ends inclusive; rows outside it are cut. */
  start?: Date;
  end?: Date;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Brings rows into our form: UTC, ascending, one per open time, the rules of a candle kept, final or
 * forming. What does not pass comes back as rejects; of two rows with the same open time the later one
 * is kept, and the earlier one is a reject when its values differ.
 */
export function normalizeCandles(
  rows: WireRow[],
  context: NormalizeContext,
): { candles: Candle[]; rejects: Reject[] } {
  const rejects: Reject[] = [];
  const byTime = new Map<number, { candle: Candle; row: WireRow }>();
  const { start, end } = context;
  for (const row of rows) {
    const openedAt = parseWireTime(row.datetime);
    if (openedAt === null) {
      rejects.push({
        reason: `datetime must be a time: current value is ${row.datetime}`,
        payload: row,
      });
      continue;
    }
    if ((start && openedAt < startOf(start, context.interval)) || (end && openedAt > end)) continue;
    const candle = candleOf(row, openedAt, context);
    const reason = brokenCandleRule(candle) ?? brokenTimeRule(openedAt, context);
    if (reason !== null) {
      rejects.push({ reason, payload: row });
      continue;
    }
    const earlier = byTime.get(openedAt.getTime());
    if (earlier && !sameValues(earlier.candle, candle)) {
      rejects.push({
        reason: `two rows with the open time ${row.datetime}: the later one is kept`,
        payload: earlier.row,
      });
    }
    byTime.set(openedAt.getTime(), { candle, row });
  }
  const candles = Array.from(byTime.values(), (entry) => entry.candle)
    .sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime());
  return { candles, rejects };
}

function candleOf(row: WireRow, openedAt: Date, context: NormalizeContext): Candle {
  return {
    openedAt,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    isFinal: isClosed(openedAt, context),
  };
}

/** Old candles are final whatever the session says; only those near the end need the calendar. */
function isClosed(openedAt: Date, { interval, session, asOf }: NormalizeContext): boolean {
  if (openedAt.getTime() + intervalDurationMs(interval) <= asOf.getTime()) return true;
  return closesAt(openedAt, interval, session).getTime() <= asOf.getTime();
}

const WIRE_TIME = /^\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?$/;

/** `YYYY-MM-DD[ HH:MM:SS]` in UTC; null for anything else, a 31st of April included. */
function parseWireTime(text: string): Date | null {
  if (!WIRE_TIME.test(text)) return null;
  const part = (from: number, to: number) => Number(text.slice(from, to));
  const [month, day, hour, minute, second] = [
    part(5, 7),
    part(8, 10),
    part(11, 13),
    part(14, 16),
    part(17, 19),
  ];
  const time = new Date(Date.UTC(part(0, 4), month - 1, day, hour, minute, second));
  // A part beyond its range runs over into the next: the 31st of April would be the 1st of May.
  const isKept = time.getUTCMonth() === month - 1 && time.getUTCDate() === day &&
    time.getUTCHours() === hour && minute < 60 && second < 60;
  return isKept ? time : null;
}

/** A window that begins within a day holds the candle of that whole day. */
function startOf(start: Date, interval: Interval): Date {
  if (!isDateInterval(interval)) return start;
  return new Date(Math.floor(start.getTime() / DAY_MS) * DAY_MS);
}

/** A little of the future is allowed: clocks differ, and the date of Sydney begins before that of UTC. */
function brokenTimeRule(openedAt: Date, { interval, asOf }: NormalizeContext): string | null {
  const toleranceMs = isDateInterval(interval) ? DAY_MS : 5 * MINUTE_MS;
  if (openedAt.getTime() <= asOf.getTime() + toleranceMs) return null;
  return `a candle must not open in the future: ${openedAt.toISOString()}`;
}

function sameValues(a: Candle, b: Candle): boolean {
  if ((a.volume === null) !== (b.volume === null)) return false;
  return compareDecimals(a.open, b.open) === 0 && compareDecimals(a.high, b.high) === 0 &&
    compareDecimals(a.low, b.low) === 0 && compareDecimals(a.close, b.close) === 0 &&
    compareDecimals(a.volume ?? "0", b.volume ?? "0") === 0;
}
