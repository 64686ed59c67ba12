/**
 * Prices that jump by a factor of {@linkcode JUMP_FACTOR} and back: ticks that the provider got wrong.
 * Pure. Floats are exact enough for that factor.
 */
import type { Candle, PriceFloats } from "../market/candle.ts";

/** From this factor on a price is a jump: no market moves so far and back within a candle. */
export const JUMP_FACTOR = 50;

type Prices = Pick<Candle, "open" | "high" | "low" | "close">;

/** The prices of a candle as text, for the reason, and as floats. */
export interface Priced {
  row: Prices;
  floats: PriceFloats;
}

/** Why the high or the low of one candle cannot be, as a sentence with the values; null when both can. */
export function brokenWickRule(
  row: Prices,
  { open, high, low, close }: PriceFloats,
): string | null {
  const isTooLow = low * JUMP_FACTOR < Math.min(open, close);
  const isTooHigh = high > JUMP_FACTOR * Math.max(open, close);
  if (!isTooLow && !isTooHigh) return null;
  const [name, side] = isTooLow ? ["low", "below"] as const : ["high", "above"] as const;
  return `${name} must not lie ${JUMP_FACTOR} times ${side} open ${row.open} and close ${row.close}: ` +
    `current value is ${row[name]}`;
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
export function findJumps(candles: readonly Priced[]): Map<number, string> {
  const jumps = new Map<number, string>();
  if (!hasJump(candles)) return jumps;
  const rest = candles.map((candle, index) => ({ ...candle, index }));
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
function hasJump(candles: readonly Priced[]): boolean {
  let before = NaN;
  for (const { floats: { open, close } } of candles) {
    if (isOff(open, before) || isOff(close, before)) return true;
    before = close;
  }
  return false;
}

function jumpReason(candles: readonly Priced[], at: number): string | null {
  const { row: { open, close }, floats } = candles[at]!;
  const before = candles[at - 1];
  const after = candles[at + 1];
  if (before && after) {
    const [level, next] = [before.floats.close, after.floats.open];
    if (isOff(level, next)) return null;
    const isJump = [floats.open, floats.close]
      .some((price) => isOff(price, level) && isOff(price, next));
    return isJump
      ? `price must not jump by ${JUMP_FACTOR} times and back: open ${open} and close ${close} ` +
        `between close ${before.row.close} and open ${after.row.open}`
      : null;
  }
  if (before) {
    const level = before.floats.close;
    return isOff(floats.open, level) || isOff(floats.close, level)
      ? `not confirmed yet by a later candle: open ${open} and close ${close} after close ` +
        before.row.close
      : null;
  }
  const third = candles[at + 2];
  const isJump = after && third && isOff(floats.close, after.floats.open) &&
    isOff(floats.close, after.floats.close) && !isOff(after.floats.close, third.floats.open);
  return isJump
    ? `not confirmed by an earlier candle: open ${open} and close ${close} before open ` +
      after.row.open
    : null;
}

/** False when one is not known (NaN). */
function isOff(a: number, b: number): boolean {
  return a > b ? a >= JUMP_FACTOR * b : a < b && b >= JUMP_FACTOR * a;
}
