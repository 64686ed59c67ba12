/** Candles: open, high, low, close and volume over `[openedAt, openedAt + interval)`. */
import { z } from "zod";
import type { Interval } from "./interval.ts";

/** A plain decimal number as text: `398.5`, `-0.02`. Never in exponent notation, never NaN. */
export const Decimal = z.string().regex(/^-?\d{1,20}(\.\d{1,15})?$/, "must be a decimal number");

/** One candle. Prices are exact decimal strings in the instrument's currency. */
export interface Candle {
  /** The instant it opened, UTC; 00:00 UTC of its date for a day or longer. */
  openedAt: Date;
  open: string;
  high: string;
  low: string;
  close: string;
  /** Units traded (shares, coins); null when it was not reported, which is not zero. */
  volume: string | null;
  /** False while the candle is still forming and will be overwritten. */
  isFinal: boolean;
}

/** A candle as it is read back. */
export interface StoredCandle extends Candle {
  /** The shorter interval that it was rolled up from; null for one that the provider sent. */
  rolledUpFrom: Interval | null;
}

/** The prices of a candle as floats: their order is right but for ties, which only the digits can tell. */
export interface PriceFloats {
  open: number;
  high: number;
  low: number;
  close: number;
}

export function priceFloatsOf(
  { open, high, low, close }: Pick<Candle, "open" | "high" | "low" | "close">,
): PriceFloats {
  return { open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
}

/** Compares two {@linkcode Decimal}s exactly: negative when `a < b`, 0 when equal, positive when `a > b`. */
export function compareDecimals(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  // Rounding to a float keeps the order, so only floats that are equal need the digits.
  if (difference !== 0 || a === b) return difference;
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  const exact = scaledInteger(a, scale) - scaledInteger(b, scale);
  return exact < 0n ? -1 : exact > 0n ? 1 : 0;
}

type CandleValues = Pick<Candle, "open" | "high" | "low" | "close" | "volume">;

/**
 * The rule of a candle that the prices break, as a sentence that carries the values; null when all hold.
 *
 * @param floats for who has them already, as making them is most of the work
 */
export function brokenCandleRule(
  candle: CandleValues,
  floats: PriceFloats = priceFloatsOf(candle),
): string | null {
  return areCertainlyOrdered(candle, floats) ? null : firstBrokenRule(candle);
}

/** Whether the floats prove all rules, as they do for nearly every candle. */
function areCertainlyOrdered(
  { open, high, low, close, volume }: CandleValues,
  floats: PriceFloats,
): boolean {
  return floats.low > 0 && floats.low < floats.high &&
    (floats.open < floats.high || open === high) && (floats.open > floats.low || open === low) &&
    (floats.close < floats.high || close === high) &&
    (floats.close > floats.low || close === low) &&
    (volume === null || !volume.startsWith("-"));
}

function firstBrokenRule(
  { open, high, low, close, volume }: CandleValues,
): string | null {
  if (compareDecimals(low, "0") < 0) return `prices must not be negative: low is ${low}`;
  if (compareDecimals(high, low) < 0) return `high must be at least low: ${high} < ${low}`;
  for (const [name, price] of [["open", open], ["close", close]] as const) {
    if (compareDecimals(high, price) < 0) {
      return `high must be the highest: ${high} < ${name} ${price}`;
    }
    if (compareDecimals(low, price) > 0) return `low must be the lowest: ${low} > ${name} ${price}`;
  }
  if (volume !== null && compareDecimals(volume, "0") < 0) {
    return `volume must not be negative: ${volume}`;
  }
  return null;
}

function fractionDigits(decimal: string): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}

function scaledInteger(decimal: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(scale, "0"));
}
