import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addInterval,
  intervalDurationMs,
  INTERVALS,
  isDateInterval,
} from "../../market/interval.ts";

Deno.test("INTERVALS are in order of their length", () => {
  const durations = INTERVALS.map(intervalDurationMs);
  assert.deepEqual(durations, durations.toSorted((a, b) => a - b));
  assert.equal(new Set(durations).size, durations.length);
});

Deno.test("isDateInterval() is true from a day up", () => {
  assert.deepEqual(INTERVALS.filter(isDateInterval), ["1day", "1week", "1month"]);
});

Deno.test("addInterval() ends a month where the next one begins", () => {
  const end = (from: string) => addInterval(new Date(from), "1month").toISOString().slice(0, 10);
  assert.equal(end("2024-02-01"), "2024-03-01");
  assert.equal(end("2023-12-01"), "2024-01-01");
  assert.equal(end("2024-01-31"), "2024-02-01");
});

Deno.test("addInterval() goes forward by no more than the interval's duration", () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }),
      fc.constantFrom(...INTERVALS),
      (from, interval) => {
        const elapsedMs = addInterval(from, interval).getTime() - from.getTime();
        return elapsedMs > 0 && elapsedMs <= intervalDurationMs(interval);
      },
    ),
  );
});
