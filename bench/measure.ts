/** What the benches share: medians, and ratios beside their targets. */

export function median(values: number[]): number {
  return percentile(values, 50);
}

/** The value that `percent` of the values are below. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * percent / 100)]!;
}

/** Milliseconds that the work takes. */
export async function timeMs(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** One line of output; a missed target makes the exit code of the process 1. */
export function printTarget(
  what: string,
  value: number,
  target: { atLeast: number } | { atMost: number },
  unit = "",
): void {
  const [rule, limit, isMet] = "atLeast" in target
    ? ["at least", target.atLeast, value >= target.atLeast]
    : ["at most", target.atMost, value <= target.atMost];
  const result = `${value.toFixed(2)}${unit}`.padStart(12);
  console.log(`${what.padEnd(48)} ${result}   ${rule} ${limit}${unit}${isMet ? "" : ": missed"}`);
  if (!isMet) Deno.exitCode = 1;
}
