/** The named values of an axis. */

/** Steps of an axis that are about as many as its labels have room for. */
const STEPS = 5;

/** Round numbers at even steps, ascending, from at most `low` to at least `high`. */
export function roundTicks(low: number, high: number): number[] {
  const step = roundStep((high - low || Math.abs(high) || 1) / STEPS);
  const from = Math.floor(low / step);
  const to = Math.max(from + 1, Math.ceil(high / step));
  // Rounded: 0.2 × 3 is more than 0.6.
  return Array.from(
    { length: to - from + 1 },
    (_, at) => Number(((from + at) * step).toPrecision(12)),
  );
}

/** The 1, 2 or 5 with zeros that is at least `least`. */
function roundStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  return magnitude * ([1, 2, 5].find((digit) => digit * magnitude >= least) ?? 10);
}
