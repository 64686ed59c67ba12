/** How strongly a change colours its tile: steps that stay the same from day to day. */
import type { Span } from "../market/span.ts";

/** The width of a step in per cent: what is a large move within an hour is none within a year. */
export const HEAT_STEPS: Record<Span, number> = {
  "1h": 0.5,
  "24h": 1,
  "7d": 2.5,
  "30d": 5,
  "ytd": 10,
  "1y": 10,
};

/** Steps on either side of 0; the last has no end. */
export const MOST_HEAT = 4;

/** From -4 to 4 for a change in per cent; 0 is what is told as `0.00 %`. */
export function heatOf(percent: number, span: Span): number {
  if (Math.abs(percent) < 0.005) return 0;
  return Math.sign(percent) *
    Math.min(MOST_HEAT, Math.floor(Math.abs(percent) / HEAT_STEPS[span]) + 1);
}

/** The class that colours it. */
export function heatClass(heat: number): string {
  return heat === 0 ? "heat" : `heat ${heat > 0 ? "gain" : "loss"}-${Math.abs(heat)}`;
}
