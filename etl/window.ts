/** What to ask a provider for next. Pure: from where each series stands and the time to requests. */
import { dayNumberOf } from "../market/holidays.ts";
import { type Interval, intervalDurationMs, isDateInterval } from "../market/interval.ts";
import { candleOpens, closesAt, isOpen, type Session, tradingDay } from "../market/session.ts";
import type { TimeSeriesRequest } from "./provider.ts";

/** The most candles that one request may answer. */
export const MAX_PAGE = 5000;

/** Where a series stands, as far as planning needs it. */
export interface SeriesPosition {
  interval: Interval;
  /** Null when the instrument is not known yet. */
  session: Session | null;
  /** The newest stored candle; null when there is none. */
  newest: { openedAt: Date; isFinal: boolean; loadedAt: Date } | null;
  /** From where the next load reads again: the second-newest final candle; null: nothing is loaded. */
  rereadFrom: Date | null;
}

/** What one request asks for the series of one or more symbols, or several requests for one of them. */
export interface PlannedLoad<S> {
  series: S[];
  /** Oldest first. More than one only for a single series. */
  requests: TimeSeriesRequest[];
  /** Whether the series were loaded not long ago, and miss little. */
  isNear: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const SHORTEST_MONTH_MS = 28 * DAY_MS;
/** 30 days and 2 years, and a day more, as the first of them has begun before they do. */
const FIRST_LOAD_DAYS = { intraday: 31, dated: 732 };
/** Series that miss no more than this are asked for together, as their windows hardly differ. */
const SHORT_WINDOW_CANDLES = 100;
/** No market that is known here pauses for longer. */
const LONGEST_PAUSE_MS = 10 * DAY_MS;

/**
 * Whether asking can bring anything: a candle that was forming has ended or has been traded in since,
 * or the one after the newest has begun. A closed market costs no credit; an unknown session is asked as
 * soon as an interval has passed.
 */
export function isDue({ interval, session, newest }: SeriesPosition, now: Date): boolean {
  if (newest === null || session === null) return true;
  if (!newest.isFinal) {
    return closesAt(newest.openedAt, interval, session) <= now ||
      isTraded(newest.loadedAt, now, session);
  }
  if (session.name === "unknown") {
    return newest.openedAt.getTime() + intervalDurationMs(interval) <= now.getTime();
  }
  // A date begins hours before its market opens, and until then there is no candle of it.
  if (isDateInterval(interval)) {
    return isTraded(closesAt(newest.openedAt, interval, session), now, session);
  }
  if (now.getTime() - newest.openedAt.getTime() > LONGEST_PAUSE_MS) return true;
  const after = (instant: Date) => new Date(instant.getTime() + 1);
  return candleOpens(after(newest.openedAt), after(now), interval, session).length > 0;
}

/**
 * The loads of the due series, most useful first: what is nearly up to date, in batches of one interval
 * and listing, the longest waiting first; then first loads; then series that lag far behind.
 */
export function planLoads<S extends SeriesPosition & { micCode: string | null }>(
  due: readonly S[],
  now: Date,
): PlannedLoad<S>[] {
  const short: S[] = [];
  const first: S[] = [];
  const long: S[] = [];
  for (const series of due) {
    if (series.rereadFrom === null) first.push(series);
    else if (missedCandles(series, now) <= SHORT_WINDOW_CANDLES) short.push(series);
    else long.push(series);
  }
  short.sort((a, b) => missedCandles(b, now) - missedCandles(a, now));
  return [
    ...batchesOf(short).map((series) => ({
      series,
      requests: planRequests(widestOf(series), now),
      isNear: true,
    })),
    ...[...batchesOf(first), ...long.map((series) => [series])].map((series) => ({
      series,
      requests: planRequests(series[0]!, now),
      isNear: false,
    })),
  ];
}

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
  if (rereadFrom !== null) return tileWindow(interval, rereadFrom, now);
  const days = isDateInterval(interval) ? FIRST_LOAD_DAYS.dated : FIRST_LOAD_DAYS.intraday;
  const candles = Math.ceil(days * DAY_MS / intervalDurationMs(interval));
  return [{ interval, outputSize: Math.min(MAX_PAGE, candles) }];
}

/** Windows over `[from, to]`, both inclusive, oldest first, that hold at most a page of candles each. */
export function tileWindow(interval: Interval, from: Date, to: Date): TimeSeriesRequest[] {
  const requests: TimeSeriesRequest[] = [];
  const candleMs = interval === "1month" ? SHORTEST_MONTH_MS : intervalDurationMs(interval);
  // One candle short of a page: a provider whose end date is exclusive is asked for a date more.
  const pageMs = (MAX_PAGE - 1) * candleMs;
  for (let start = from.getTime(); start <= to.getTime(); start += pageMs) {
    // Times on the wire have whole seconds and both ends count, hence a second less.
    const end = Math.min(start + pageMs - 1000, to.getTime());
    requests.push({
      interval,
      start: new Date(start),
      end: new Date(end),
      outputSize: MAX_PAGE - 1,
    });
  }
  return requests;
}

/** The request for the newest page of `[from, before)`, which is what a backfill asks for next. */
export function historyRequest(interval: Interval, from: Date, before: Date): TimeSeriesRequest {
  return {
    interval,
    start: from,
    // Both ends count on the wire, whose times have whole seconds.
    end: new Date(before.getTime() - 1000),
    // A provider whose end date is exclusive is asked for a date more.
    outputSize: isDateInterval(interval) ? MAX_PAGE - 1 : MAX_PAGE,
  };
}

/**
 * Credits that runs at these instants (ascending) will need for the series: one for each series whose
 * market trades at the run or traded at the one before.
 */
export function creditsDue(
  series: readonly { session: Session | null }[],
  firings: readonly Date[],
): number {
  let credits = 0;
  for (const { session } of series) {
    let wasOpen = false;
    for (const firing of firings) {
      const open = session === null || isOpen(firing, session);
      if (open || wasOpen) credits++;
      wasOpen = open;
    }
  }
  return credits;
}

/**
 * How many of the `due` series a run may load so that the day's credits reach to its end: all of them
 * when there is enough, else the same part in every run, at least one.
 *
 * @param needed what all runs of the day that are left need, this one included
 */
export function shareOfDay(due: number, needed: number, dayLeft: number): number {
  if (needed <= dayLeft) return due;
  return Math.max(1, Math.floor(due * dayLeft / needed));
}

/**
 * The loads of at most so many series: a quarter of them, one at least, is kept for those that were never
 * loaded or lag far behind, or the others would keep them waiting for ever.
 */
export function fitShare<S>(planned: readonly PlannedLoad<S>[], most: number): PlannedLoad<S>[] {
  const near = planned.filter(({ isNear }) => isNear);
  const far = planned.filter(({ isNear }) => !isNear);
  const farCount = countSeries(far);
  const nearMost = Math.max(most - farCount, most - Math.max(1, Math.ceil(most / 4)));
  const kept = cutLoads(near, farCount === 0 ? most : nearMost);
  return [...kept, ...cutLoads(far, most - countSeries(kept))];
}

function cutLoads<S>(planned: readonly PlannedLoad<S>[], most: number): PlannedLoad<S>[] {
  let left = most;
  return planned.flatMap((load) => {
    const series = load.series.slice(0, left);
    left -= series.length;
    return series.length > 0 ? [{ ...load, series }] : [];
  });
}

function countSeries<S>(planned: readonly PlannedLoad<S>[]): number {
  return planned.reduce((sum, { series }) => sum + series.length, 0);
}

function missedCandles({ interval, rereadFrom }: SeriesPosition, now: Date): number {
  return (now.getTime() - rereadFrom!.getTime()) / intervalDurationMs(interval);
}

/** Series in the order they came, put together by what one request can ask for. */
function batchesOf<S extends SeriesPosition & { micCode: string | null }>(
  series: readonly S[],
): S[][] {
  const groups = Object.groupBy(series, ({ interval, micCode }) => `${interval} ${micCode ?? ""}`);
  return Object.values(groups).filter((group) => group !== undefined);
}

function widestOf<S extends SeriesPosition>(series: readonly S[]): S {
  return series.reduce((a, b) => a.rereadFrom! <= b.rereadFrom! ? a : b);
}

/** Whether the market traded at any time in `(from, to]`. */
function isTraded(from: Date, to: Date, session: Session): boolean {
  if (session.name === "unknown") return true;
  for (let day = dayNumberOf(from) - 1; day <= dayNumberOf(to) + 1; day++) {
    const hours = tradingDay(day, session);
    if (hours && hours.opensMs < to.getTime() && hours.closesMs > from.getTime()) return true;
  }
  return false;
}
