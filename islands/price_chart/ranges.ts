/** The stretches of time that a chart can be set to, all of them ending with the newest candle. */
import { firstAfter } from "./columns.ts";

export const RANGE_NAMES = ["1d", "5d", "1m", "3m", "6m", "ytd", "1y", "5y", "all"] as const;

export type RangeName = typeof RANGE_NAMES[number];

interface Span {
  days?: number;
  months?: number;
}

const SPANS: Record<Exclude<RangeName, "ytd" | "all">, Span> = {
  "1d": { days: 1 },
  "5d": { days: 5 },
  "1m": { months: 1 },
  "3m": { months: 3 },
  "6m": { months: 6 },
  "1y": { months: 12 },
  "5y": { months: 60 },
};

const DAY_SECONDS = 86_400;
/** Fewer candles are no chart, and more are a blur that one sees better at a longer interval. */
const FEWEST_CANDLES = 4;
const MOST_CANDLES = 5000;

/**
 * After which instant candles are in the range, in UTC seconds: real time before the newest candle
 * opened, or the begin of its year (UTC).
 */
export function rangeStart(range: RangeName, newest: number): number {
  if (range === "all") return -Infinity;
  const date = new Date(newest * 1000);
  // A candle that opened at the year's first instant belongs to it.
  if (range === "ytd") return Date.UTC(date.getUTCFullYear(), 0, 1) / 1000 - 1;
  const { days = 0, months = 0 }: Span = SPANS[range];
  if (months > 0) moveMonths(date, -months);
  return date.getTime() / 1000 - days * DAY_SECONDS;
}

/**
 * The index of the candle that the range begins with. Right after a night or a weekend hardly any candle is
 * within a day: then it begins earlier, with as many as make a chart.
 */
export function firstInRange(times: readonly number[], start: number): number {
  return Math.max(0, Math.min(firstAfter(times, start), times.length - FEWEST_CANDLES));
}

/** The same day of another month, or that month's last. */
function moveMonths(date: Date, months: number): void {
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
}

/** What is known of a stored series, in UTC seconds. */
export interface History {
  oldest: number;
  newest: number;
  /** Candles of the newest page, and when its first opened: how dense they are. */
  pageCandles: number;
  pageOldest: number;
}

/** The ranges that show something: shorter than the history, neither a few candles nor a blur of them. */
export function offeredRanges(history: History): RangeName[] {
  const { oldest, newest, pageCandles, pageOldest } = history;
  const perSecond = (pageCandles - 1) / Math.max(1, newest - pageOldest);
  return RANGE_NAMES.filter((range) => {
    const start = Math.max(rangeStart(range, newest), oldest);
    const candles = (newest - start) * perSecond;
    if (candles > MOST_CANDLES) return false;
    return range === "all" || (start > oldest && candles >= FEWEST_CANDLES);
  });
}
