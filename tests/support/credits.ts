/** Whether credits were spent within a plan, however its provider counts. */
import assert from "node:assert/strict";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Proves that no 60 s, no clock minute and no day (UTC) has more credits than the plan grants. */
export function assertWithin(
  counted: { atMs: number; cost: number }[],
  perMinute: number,
  perDay: number | null,
) {
  const sum = (which: typeof counted) => which.reduce((total, { cost }) => total + cost, 0);
  for (const { atMs } of counted) {
    const sliding = counted.filter((one) => one.atMs >= atMs && one.atMs < atMs + MINUTE_MS);
    assert.ok(sum(sliding) <= perMinute, `${sum(sliding)} within 60 s of ${perMinute}`);
    for (const [length, limit] of [[MINUTE_MS, perMinute], [DAY_MS, perDay ?? Infinity]] as const) {
      const start = Math.floor(atMs / length);
      const fixed = sum(counted.filter((one) => Math.floor(one.atMs / length) === start));
      assert.ok(fixed <= limit, `${fixed} of ${limit} in the window of ${length} ms`);
    }
  }
}
