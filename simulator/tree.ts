/**
 * A candle and the shorter candles inside it, top down: the parent is given, its children are drawn so
 * that together they are the parent to the last digit. So every interval tells the same story, and no
 * candle needs the ones before it.
 */
import { hashIntegers, Random } from "./random.ts";

/** A candle in whole price steps; times in unix milliseconds. */
export interface TickBar {
  openedMs: number;
  closesMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Whole units; null where the market reports none. */
  volume: number | null;
}

/** How long the children of each depth last: a day's are hours, a minute's are 10 s, and those have none. */
export const CHILD_MS: readonly number[] = [3_600_000, 900_000, 300_000, 60_000, 10_000];

/** Draws the candles of depth `depth + 1` inside one of depth `depth` (0 is a trading day). */
export function childrenOf(parent: TickBar, depth: number, seed: number): TickBar[] {
  const childMs = CHILD_MS[depth]!;
  const totalMs = parent.closesMs - parent.openedMs;
  const count = Math.ceil(totalMs / childMs);
  if (count === 1) return [parent];
  const random = new Random(hashIntegers(seed, depth, parent.openedMs / 1000));
  const range = parent.high - parent.low;
  // A Brownian motion's expected range is √(8/π) ≈ 1.6 standard deviations (Feller 1951).
  const sigma = range / 1.6;

  const steps = Array.from({ length: count }, (_, i) => {
    const ms = Math.min(childMs, totalMs - i * childMs);
    return { ms, move: random.normal() * Math.sqrt(ms / totalMs) };
  });
  const drift = steps.reduce((sum, step) => sum + step.move, 0);
  const bounds = [parent.open];
  let moved = 0;
  for (const [i, step] of steps.slice(0, -1).entries()) {
    moved += step.move;
    const elapsed = (i + 1) * childMs / totalMs;
    const price = parent.open + (parent.close - parent.open) * elapsed +
      sigma * (moved - drift * elapsed);
    bounds.push(Math.round(fold(price, parent.low, parent.high)));
  }
  bounds.push(parent.close);

  const volumes = shareVolume(parent.volume, steps.map((s) => s.ms / totalMs), depth, random);
  const children = steps.map((step, i): TickBar => {
    const [open, close] = [bounds[i]!, bounds[i + 1]!];
    const top = Math.max(open, close);
    const bottom = Math.min(open, close);
    const wick = 0.4 * sigma * Math.sqrt(step.ms / totalMs);
    const openedMs = parent.openedMs + i * childMs;
    return {
      openedMs,
      closesMs: openedMs + step.ms,
      open,
      high: Math.min(parent.high, top + Math.round(wick * random.exponential())),
      low: Math.max(parent.low, bottom - Math.round(wick * random.exponential())),
      close,
      volume: volumes?.[i] ?? null,
    };
  });
  // The child that came nearest makes the parent's extreme, so that it is reached at all.
  children.reduce((a, b) => b.high > a.high ? b : a).high = parent.high;
  children.reduce((a, b) => b.low < a.low ? b : a).low = parent.low;
  return children;
}

/**
 * What has become of the candle by `nowMs`: itself when it is over, null when it has not opened, else
 * the sum of what has happened so far, which later only grows. Times inside the last 10 s show its open.
 */
export function formedBy(bar: TickBar, depth: number, seed: number, nowMs: number): TickBar | null {
  if (nowMs >= bar.closesMs) return bar;
  if (nowMs < bar.openedMs) return null;
  if (depth === CHILD_MS.length) {
    const volume = bar.volume === null ? null : 0;
    return { ...bar, high: bar.open, low: bar.open, close: bar.open, volume };
  }
  const parts = childrenOf(bar, depth, seed).map((child) =>
    formedBy(child, depth + 1, seed, nowMs)
  );
  return { ...sumOf(parts.filter((part) => part !== null)), closesMs: bar.closesMs };
}

/** One candle of several that follow each other. At least one is needed. */
export function sumOf(bars: TickBar[]): TickBar {
  const [first] = bars;
  const last = bars.at(-1);
  if (!first || !last) throw new RangeError("Cannot sum no candles");
  const sum = { ...first, closesMs: last.closesMs, close: last.close };
  for (const bar of bars.slice(1)) {
    sum.high = Math.max(sum.high, bar.high);
    sum.low = Math.min(sum.low, bar.low);
    if (sum.volume !== null) sum.volume += bar.volume ?? 0;
  }
  return sum;
}

/** Reflects a price at the bounds until it lies between them. */
function fold(price: number, low: number, high: number): number {
  const range = high - low;
  if (range === 0) return low;
  const period = 2 * range;
  const offset = (((price - low) % period) + period) % period;
  return low + (offset > range ? period - offset : offset);
}

/** Whole numbers that add up to the volume; a day is busy at its open and its close. */
function shareVolume(
  volume: number | null,
  durations: number[],
  depth: number,
  random: Random,
): number[] | null {
  if (volume === null) return null;
  let elapsed = 0;
  const weights = durations.map((duration) => {
    const middle = elapsed + duration / 2;
    elapsed += duration;
    const rush = depth === 0 ? 1 + 2 * (2 * middle - 1) ** 2 : 1;
    return duration * rush * (0.5 + random.uniform());
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [soFar, given] = [0, 0];
  return weights.map((weight, i) => {
    soFar += weight;
    const upTo = i === weights.length - 1 ? volume : Math.floor(volume * (soFar / total));
    const share = Math.max(0, upTo - given);
    given += share;
    return share;
  });
}
