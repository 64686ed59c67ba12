/** An axis of a chart that the server draws. */

/** Where values lie on an axis, and which of them are named. */
export interface Scale {
  /** Round numbers, ascending. */
  ticks: number[];
  /** Per cent of the axis's length from its begin. */
  place: (value: number) => number;
}

/** An axis that holds all `values` and 0, from round number to round number in about 5 steps. */
export function roundScale(values: readonly number[]): Scale {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const step = roundStep((high - low || 1) / 5);
  const from = Math.floor(low / step);
  const to = Math.max(from + 1, Math.ceil(high / step));
  return {
    ticks: Array.from({ length: to - from + 1 }, (_, at) => (from + at) * step),
    place: (value) => 100 * (value / step - from) / (to - from),
  };
}

/** The 1, 2 or 5 with zeros that is at least `least`. */
function roundStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  return magnitude * ([1, 2, 5].find((digit) => digit * magnitude >= least) ?? 10);
}
