/** Wire rows to candles. Pure: neither the network nor the database is seen from here. */
import {
  brokenCandleRule,
  type Candle,
  compareDecimals,
  type PriceFloats,
  priceFloatsOf,
} from "../market/candle.ts";
import { gridOf } from "../market/grid.ts";
import { type Interval, intervalDurationMs, isDateInterval } from "../market/interval.ts";
import { closesAt, type Session } from "../market/session.ts";
import { brokenWickRule, findJumps } from "./jumps.ts";
import type { Reject, WireRow } from "./provider.ts";
import { wireTimeMs } from "./wire_time.ts";

export interface NormalizeContext {
  interval: Interval;
  session: Session;
  /** When the rows were fetched: a candle that ends later is still forming. */
  asOf: Date;
  /** The window that was asked for, both ends inclusive; rows outside it are cut. */
  start?: Date;
  end?: Date;
}

export interface NormalizedRows {
  /** Ascending, one per open time. */
  candles: Candle[];
  rejects: Reject[];
  /** The oldest open time in the window that a row claims, rejected ones included; null when none does. */
  coveredFrom: Date | null;
}

/** A row that keeps the rules that it can keep alone. */
interface Entry {
  openedMs: number;
  row: WireRow;
  floats: PriceFloats;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Brings rows into our form: UTC, ascending, one per open time, the rules of a candle kept, final or
 * forming. What does not pass comes back as rejects. Rows of one open time that say the same are one; of
 * those that disagree none is kept, as nothing tells which is right. The order of the rows has no say.
 */
export function normalizeCandles(rows: WireRow[], context: NormalizeContext): NormalizedRows {
  const { interval, session, start, end, asOf } = context;
  const rejects: Reject[] = [];
  const isOnGrid = gridOf(interval, session);
  const firstMs = start ? startOf(start, interval) : -Infinity;
  const lastMs = end ? end.getTime() : Infinity;
  const futureMs = asOf.getTime() + (isDateInterval(interval) ? DAY_MS : 5 * MINUTE_MS);
  let oldestMs = Infinity;
  const entries: Entry[] = [];
  for (const row of rows) {
    const openedMs = wireTimeMs(row.datetime);
    if (openedMs < firstMs || openedMs > lastMs) continue;
    if (openedMs < oldestMs) oldestMs = openedMs;
    const floats = priceFloatsOf(row);
    const reason = brokenTimeRule(openedMs, row, context, isOnGrid, futureMs) ??
      brokenCandleRule(row, floats) ?? brokenWickRule(row, floats);
    if (reason === null) entries.push({ openedMs, row, floats });
    else {
      const openedAt = Number.isNaN(openedMs) ? null : new Date(openedMs);
      rejects.push({ reason, payload: row, openedAt });
    }
  }
  const single = onePerTime(entries, rejects);
  const jumps = findJumps(single);
  for (const [index, reason] of jumps) {
    const { openedMs, row } = single[index]!;
    rejects.push({ reason, payload: row, openedAt: new Date(openedMs) });
  }
  const kept = jumps.size === 0 ? single : single.filter((_, index) => !jumps.has(index));
  const finalBeforeMs = asOf.getTime() - intervalDurationMs(interval);
  return {
    candles: kept.map((entry) => candleOf(entry, context, finalBeforeMs)),
    rejects,
    coveredFrom: oldestMs === Infinity ? null : new Date(oldestMs),
  };
}

/** Old candles are final whatever the session says; only those near the end need the calendar. */
function candleOf(
  { openedMs, row }: Entry,
  { interval, session, asOf }: NormalizeContext,
  finalBeforeMs: number,
): Candle {
  const openedAt = new Date(openedMs);
  return {
    openedAt,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    isFinal: openedMs <= finalBeforeMs || closesAt(openedAt, interval, session) <= asOf,
  };
}

/** A window that begins within a day holds the candle of that whole day. */
function startOf(start: Date, interval: Interval): number {
  const ms = start.getTime();
  return isDateInterval(interval) ? Math.floor(ms / DAY_MS) * DAY_MS : ms;
}

/**
 * @param futureMs after this it is the future: a little of it is allowed, as clocks differ and the date
 * of Sydney begins before that of UTC
 */
function brokenTimeRule(
  openedMs: number,
  { datetime }: WireRow,
  { interval }: NormalizeContext,
  isOnGrid: (ms: number) => boolean,
  futureMs: number,
): string | null {
  if (Number.isNaN(openedMs)) return `datetime must be a time: current value is ${datetime}`;
  if (!isOnGrid(openedMs)) {
    return `a candle must open on the grid of ${interval}: current value is ${datetime}`;
  }
  if (openedMs <= futureMs) return null;
  return `a candle must not open in the future: ${new Date(openedMs).toISOString()}`;
}

/** Ascending, one entry per open time; rows that disagree go to the rejects. */
function onePerTime(entries: Entry[], rejects: Reject[]): Entry[] {
  const sorted = ascending(entries);
  if (sorted.every(({ openedMs }, i) => i === 0 || openedMs > sorted[i - 1]!.openedMs)) {
    return sorted;
  }
  const single: Entry[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const { openedMs, row } = sorted[from]!;
    while (sorted[to]?.openedMs === openedMs) to++;
    const twins = sorted.slice(from, to);
    if (twins.every((twin) => haveSameValues(twin.row, row))) {
      // They may write the same value with other digits: which one is kept must not be chance.
      single.push(twins.toSorted((a, b) => textOf(a.row) < textOf(b.row) ? -1 : 1)[0]!);
      continue;
    }
    const reason = `rows with the open time ${row.datetime} must not disagree`;
    for (const twin of twins) {
      rejects.push({ reason, payload: twin.row, openedAt: new Date(openedMs) });
    }
  }
  return single;
}

/** Providers answer in order, newest first or last: sorting is for those that do not. */
function ascending(entries: Entry[]): Entry[] {
  const isAscending = (list: Entry[]) =>
    list.every(({ openedMs }, i) => i === 0 || openedMs >= list[i - 1]!.openedMs);
  if (isAscending(entries)) return entries;
  const reversed = entries.toReversed();
  return isAscending(reversed) ? reversed : reversed.sort((a, b) => a.openedMs - b.openedMs);
}

function haveSameValues(a: WireRow, b: WireRow): boolean {
  if ((a.volume === null) !== (b.volume === null)) return false;
  return compareDecimals(a.open, b.open) === 0 && compareDecimals(a.high, b.high) === 0 &&
    compareDecimals(a.low, b.low) === 0 && compareDecimals(a.close, b.close) === 0 &&
    compareDecimals(a.volume ?? "0", b.volume ?? "0") === 0;
}

function textOf({ open, high, low, close, volume }: WireRow): string {
  return [open, high, low, close, volume].join(" ");
}
