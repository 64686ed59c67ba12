import assert from "node:assert/strict";
import fc from "fast-check";
import { createMinuteBudget, waitForTime } from "../../etl/credits.ts";

const MINUTE_MS = 60_000;

/** A clock that only waiting and `pass` move. */
function manualClock() {
  let time = Date.parse("2026-11-22T12:00:30Z");
  return {
    now: () => new Date(time),
    pass: (durationMs: number) => void (time += durationMs),
    wait: (durationMs: number) => Promise.resolve(void (time += durationMs)),
  };
}

Deno.test("A minute budget never spends more than the limit in any 60 seconds", async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 1, max: 12 }),
    fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 60 }),
    async (perMinute, pauses) => {
      const clock = manualClock();
      const budget = createMinuteBudget({ perMinute, ...clock });
      const spent: number[] = [];
      for (const pause of pauses) {
        clock.pass(pause);
        await budget.take();
        spent.push(clock.now().getTime());
      }
      for (const [index, at] of spent.entries()) {
        const within = spent.slice(index).filter((other) => other - at < MINUTE_MS).length;
        assert.ok(within <= perMinute, `${within} credits within 60 s, ${perMinute} allowed`);
      }
    },
  ));
});

Deno.test("A minute budget does not wait while there are credits", async () => {
  const clock = manualClock();
  const before = clock.now();
  const budget = createMinuteBudget({ perMinute: 8, ...clock });
  for (let taken = 0; taken < 8; taken++) await budget.take();
  assert.deepEqual(clock.now(), before);
  await budget.take();
  assert.equal(clock.now().getTime() - before.getTime(), MINUTE_MS + 1000);
});

Deno.test("An endless budget, the simulator's, never waits", async () => {
  const clock = manualClock();
  const before = clock.now();
  const budget = createMinuteBudget({ perMinute: Infinity, ...clock });
  for (let taken = 0; taken < 10_000; taken++) await budget.take();
  assert.deepEqual(clock.now(), before);
});

Deno.test("waitForTime() ends with the signal's reason when it is aborted", async () => {
  const stop = new AbortController();
  const waiting = waitForTime(60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await assert.rejects(waiting, /stopped/);
  await assert.rejects(waitForTime(60_000, stop.signal), /stopped/);
});
