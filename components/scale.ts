/** An axis of a chart that the server draws. */
import { roundTicks } from "../islands/round_ticks.ts";

/** Where values lie on an axis, and which of them are named. */
export interface Scale {
  /** Round numbers, ascending. */
  ticks: number[];
  /** Per cent of the axis's length from its begin. */
  place: (value: number) => number;
}

/** An axis from round number to round number that holds all `values`, and 0. */
export function roundScale(values: readonly number[]): Scale {
  const ticks = roundTicks(Math.min(0, ...values), Math.max(0, ...values));
  const low = ticks[0]!;
  const high = ticks.at(-1)!;
  return { ticks, place: (value) => 100 * (value - low) / (high - low) };
}
