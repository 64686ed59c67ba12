/**
 * Prices that jump by a factor of {@linkcode JUMP_FACTOR} and back: ticks that the provider got wrong.
 * Pure. Floats are exact enough for that factor.
 */
import type { Candle } from "../market/candle.ts";

/** From this factor on a price is a jump: no market moves so far and back within a candle. */
export const JUMP_FACTOR = 50;

/** A candle with the float of each price. */
interface Priced {
  candle: Candle;
  open: number;
  close: number;
}

/** Why the high or the low of one candle cannot be, as a sentence with the values; null when both can. */
export function brokenWickRule(
  { open, high, low, close }: Pick<Candle, "open" | "high" | "low" | "close">,
): string | null {
  const [first, last] = [Number(open), Number(close)];
  const body = `open ${open} and close ${close}`;
  if (Number(low) * JUMP_FACTOR < Math.min(first, last)) {
    return `low must not lie ${JUMP_FACTOR} times below ${body}: current value is ${low}`;
  }
  if (Number(high) > JUMP_FACTOR * Math.max(first, last)) {
    return `high must not lie ${JUMP_FACTOR} times above ${body}: current value is ${high}`;
  }
  return null;
}

/**
 * Finds the candles (ascending, one per open time) that jump away from their neighbours, and why, by
 * index:
 *
 * - open or close is {@linkcode JUMP_FACTOR} times off the close before and the open after, while these
 *   agree: it came back
 * - the newest candle is that far off the one before: no later one confirms it yet. The next load reads it
 *   again, with what came after it
 * - the first candle's close is that far off the open after it, which the third one confirms. What is new
 *   is read together with two candles before it, so this is the oldest end of a page of history, where a
 *   wrong tick is likelier than a change of level between just these two
 *
 * Two candles in a row at the new level are a real change. What is found is taken away and the rest looked
 * at again until nothing is found, so that what passes once always passes.
 */
export function findJumps(candles: readonly Candle[]): Map<number, string> {
  const jumps = new Map<number, string>();
  if (!hasJump(candles)) return jumps;
  const rest = candles.map((candle, index) => ({
    candle,
    index,
    open: Number(candle.open),
    close: Number(candle.close),
  }));
  for (let isFound = true; isFound;) {
    isFound = false;
    for (let at = 0; at < rest.length; at++) {
      const reason = jumpReason(rest, at);
      if (reason === null) continue;
      jumps.set(rest[at]!.index, reason);
      rest.splice(at--, 1);
      isFound = true;
    }
  }
  return jumps;
}

/** Whether any price leaves the level of the candle before: hardly a page has one. */
function hasJump(candles: readonly Candle[]): boolean {
  let before = NaN;
  for (const candle of candles) {
    const close = Number(candle.close);
    if (isOff(Number(candle.open), before) || isOff(close, before)) return true;
    before = close;
  }
  return false;
}

function jumpReason(candles: readonly Priced[], at: number): string | null {
  const current = candles[at]!;
  const before = candles[at - 1];
  const after = candles[at + 1];
  const { open, close } = current.candle;
  if (before && after) {
    if (isOff(before.close, after.open)) return null;
    const isJump = [current.open, current.close]
      .some((price) => isOff(price, before.close) && isOff(price, after.open));
    return isJump
      ? `price must not jump by ${JUMP_FACTOR} times and back: open ${open} and close ${close} ` +
        `between close ${before.candle.close} and open ${after.candle.open}`
      : null;
  }
  if (before) {
    const isJump = isOff(current.open, before.close) || isOff(current.close, before.close);
    return isJump
      ? `not confirmed yet by a later candle: open ${open} and close ${close} after close ` +
        before.candle.close
      : null;
  }
  const third = candles[at + 2];
  const isJump = after && third && isOff(current.close, after.open) &&
    isOff(current.close, after.close) && !isOff(after.close, third.open);
  return isJump
    ? `not confirmed by an earlier candle: open ${open} and close ${close} before open ` +
      after.candle.open
    : null;
}

/** False when one is not known (NaN). */
function isOff(a: number, b: number): boolean {
  return a > b ? a >= JUMP_FACTOR * b : a < b && b >= JUMP_FACTOR * a;
}
