import assert from "node:assert/strict";
import fc from "fast-check";
import { roundTicks } from "../../islands/round_ticks.ts";

Deno.test("roundTicks() names round numbers around the values", () => {
  assert.deepEqual(roundTicks(0, 0.6), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(roundTicks(95, 105), [94, 96, 98, 100, 102, 104, 106]);
  assert.deepEqual(roundTicks(-3, 7), [-4, -2, 0, 2, 4, 6, 8]);
  assert.deepEqual(roundTicks(0, 0), [0, 0.2]);
  assert.deepEqual(roundTicks(250, 250), [250, 300]);
});

Deno.test("roundTicks() holds every value between a few even steps", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(value, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
    const ticks = roundTicks(low, low + span);
    const step = ticks[1]! - ticks[0]!;
    const slack = step * 1e-6;
    assert.ok(ticks[0]! <= low + slack && ticks.at(-1)! >= low + span - slack);
    assert.ok(ticks.length >= 2 && ticks.length <= 7);
    for (const [at, tick] of ticks.entries()) {
      assert.ok(Math.abs(tick - (ticks[0]! + at * step)) <= slack);
    }
  }));
});
