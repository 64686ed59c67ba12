import assert from "node:assert/strict";
import fc from "fast-check";
import {
  creditsLeft,
  type CreditState,
  daysNotTouched,
  daysTouched,
  decide,
  estimateEnd,
  foreignCredits,
  perMinuteTold,
} from "../../etl/credit_windows.ts";
import { createUnlimitedCredits, waitForTime } from "../../etl/credits.ts";
import type { MinuteWindow } from "../../db/credits.ts";
import { assertWithin } from "../support/credits.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const NOON = new Date("2026-11-22T12:00:00Z");
const MIDNIGHT_MS = Date.parse("2026-11-23T00:00:00Z");

const EMPTY: CreditState = { minutes: [], days: [], perMinute: 8, perDay: 800, kept: 0 };

/** A request as it happens. */
const request = fc.record({
  pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
  cost: fc.integer({ min: 1, max: 20 }),
  /** From the reservation to the answer. */
  latencyMs: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 30_000 })),
  /** When the provider counts it, as a share of the latency. */
  countedAfter: fc.double({ min: 0, max: 1, noNaN: true }),
  /** A process that is killed never says that its request was answered. */
  isKilled: fc.boolean(),
  kept: fc.integer({ min: 0, max: 10 }),
});

/** The governor's state with nothing but the pure functions, as the database would keep it. */
function makeModel(startMs: number, perMinute: number, perDay: number | null) {
  const minutes: MinuteWindow[] = [];
  const days = new Map<number, number>();
  const pending: { atMs: number; window: MinuteWindow }[] = [];
  const model = {
    nowMs: startMs,
    state: (kept = 0): CreditState => ({
      minutes,
      days: [...days].map(([startedMs, credits]) => ({
        startedAt: new Date(startedMs),
        credits,
        toldPerMinute: null,
      })),
      perMinute,
      perDay,
      kept,
    }),
    passTo(toMs: number) {
      model.nowMs = Math.max(model.nowMs, toMs);
      pending.sort((a, b) => a.atMs - b.atMs);
      while (pending[0] && pending[0].atMs <= model.nowMs) {
        const { atMs, window } = pending.shift()!;
        window.answeredAt = new Date(atMs);
        addToDays(daysNotTouched(window.startedAt, window.answeredAt), -window.credits);
      }
    },
    /** Takes the credits once they are there; answers when that was. */
    take(cost: number, latencyMs: number | null, kept = 0): number {
      for (;;) {
        const now = new Date(model.nowMs);
        const decision = decide(model.state(kept), cost, now);
        if (decision.kind === "go") {
          assert.ok(decision.free >= cost);
          const window: MinuteWindow = { credits: cost, startedAt: now, answeredAt: null };
          minutes.push(window);
          addToDays(daysTouched(now), cost);
          if (latencyMs !== null) pending.push({ atMs: model.nowMs + latencyMs, window });
          model.passTo(model.nowMs);
          return now.getTime();
        }
        const until = decision.kind === "wait" ? decision.until : decision.resumesAt;
        assert.ok(until > now, "it never asks to look again at once");
        model.passTo(until.getTime());
      }
    },
  };
  function addToDays(which: Date[], credits: number) {
    for (const day of which) days.set(day.getTime(), (days.get(day.getTime()) ?? 0) + credits);
  }
  return model;
}

Deno.test("decide() never exceeds minute or day under any schedule, whichever way the provider counts", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.option(fc.integer({ min: 30, max: 80 })),
      fc.integer({ min: -300_000, max: 60_000 }),
      fc.integer({ min: -999, max: 999 }),
      fc.array(request, { minLength: 10, maxLength: 60 }),
      (perMinute, perDay, startMs, skewMs, requests) => {
        const model = makeModel(MIDNIGHT_MS + startMs, perMinute, perDay);
        const counted: { atMs: number; cost: number }[] = [];
        for (const { pauseMs, latencyMs, countedAfter, isKilled, kept, ...rest } of requests) {
          const cost = Math.min(rest.cost, perMinute);
          model.passTo(model.nowMs + pauseMs);
          const atMs = model.take(cost, isKilled ? null : latencyMs, kept);
          counted.push({ atMs: atMs + Math.round(latencyMs * countedAfter) + skewMs, cost });
        }
        assertWithin(counted, perMinute, perDay);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("decide() wastes no more than the second of its margin a minute", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
    (perMinute, costs) => {
      const model = makeModel(NOON.getTime(), perMinute, null);
      let endMs = NOON.getTime();
      for (const _ of costs) endMs = model.take(perMinute, 0);
      const minutes = Math.max(0, costs.length - 1);
      assert.equal(endMs - NOON.getTime(), minutes * (MINUTE_MS + SECOND_MS));
    },
  ));
});

Deno.test("decide() takes what is free at once, and looks again when a request under way can end", () => {
  const at = (ms: number) => new Date(NOON.getTime() + ms);
  const minutes = [
    { credits: 5, startedAt: NOON, answeredAt: at(200) },
    { credits: 2, startedAt: at(100), answeredAt: null },
  ];
  const state = { ...EMPTY, minutes };
  assert.deepEqual(decide(state, 1, at(1000)), { kind: "go", free: 1 });
  assert.deepEqual(decide(state, 6, at(1000)), { kind: "wait", until: at(61_200) });
  assert.deepEqual(decide(state, 8, at(1000)), { kind: "wait", until: at(62_000) });
  assert.deepEqual(decide(state, 8, at(90_000)), { kind: "wait", until: at(91_100) });
});

Deno.test("decide() ends the day with its credits, and keeps some of them when it is told to", () => {
  const startedAt = new Date("2026-11-22T00:00:00Z");
  const days = [{ startedAt, credits: 795, toldPerMinute: null }];
  const resumesAt = new Date("2026-11-23T00:00:00Z");
  assert.deepEqual(decide({ ...EMPTY, days }, 5, NOON), { kind: "go", free: 5 });
  const gone = { kind: "day_gone", resumesAt } as const;
  assert.deepEqual(decide({ ...EMPTY, days }, 6, NOON), { ...gone, left: 5 });
  assert.deepEqual(decide({ ...EMPTY, days, kept: 5 }, 1, NOON), { ...gone, left: 0 });
  assert.deepEqual(decide({ ...EMPTY, days, perDay: null }, 6, NOON), { kind: "go", free: 8 });
  assert.deepEqual(
    creditsLeft({ ...EMPTY, days: [{ ...days[0]!, credits: 800 }] }, NOON),
    { minute: 8, day: 0, resumesAt },
  );
  const halfPast = new Date("2026-11-23T00:00:00.500Z");
  assert.deepEqual(
    decide({ ...EMPTY, days }, 6, halfPast),
    { kind: "wait", until: new Date("2026-11-23T00:00:01Z") },
    "the provider's clock may say that it is still yesterday",
  );
});

Deno.test("estimateEnd() is when one who asks as soon as possible spends the last credit", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 12 }),
    fc.option(fc.integer({ min: 12, max: 60 })),
    fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 0, max: 20_000 }),
        cost: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 8 },
    ),
    fc.integer({ min: 0, max: 150 }),
    (perMinute, perDay, before, credits) => {
      const model = makeModel(NOON.getTime(), perMinute, perDay);
      for (const { pauseMs, cost } of before) {
        model.passTo(model.nowMs + pauseMs);
        model.take(Math.min(cost, perMinute), 0);
      }
      const estimate = estimateEnd(model.state(), credits, new Date(model.nowMs));
      let endMs = model.nowMs;
      for (let taken = 0; taken < credits; taken++) endMs = model.take(1, 0);
      assert.deepEqual(estimate, new Date(endMs));
    },
  ));
});

Deno.test("foreignCredits() are those that nothing of ours can explain", () => {
  const at = (ms: number) => new Date(NOON.getTime() + ms);
  const minutes = [
    { credits: 3, startedAt: at(-70_000), answeredAt: at(-59_000) },
    { credits: 2, startedAt: NOON, answeredAt: null },
  ];
  const settled = { startedAt: NOON, isRefused: false };
  const foreign = (used: number | null, isRefused = false, now = at(5000)) =>
    foreignCredits({ minutes, perMinute: 8 }, {
      ...settled,
      isRefused,
      answer: used === null ? null : { used, left: 0 },
    }, now);
  assert.deepEqual(foreign(null), { counted: 0, held: 0 });
  assert.deepEqual(
    foreign(5),
    { counted: 0, held: 0 },
    "the older ones may have been in its count",
  );
  assert.deepEqual(foreign(7), { counted: 2, held: 2 });
  assert.deepEqual(foreign(null, true), { counted: 0, held: 6 }, "a refusal fills the minute");
  assert.deepEqual(foreign(13, true), { counted: 8, held: 8 });
  const most = { counted: 8, held: 8 };
  assert.deepEqual(foreign(1_000_000, true), most, "never more than the minute");
  assert.deepEqual(foreign(1_000_000), most);
});

Deno.test("perMinuteTold() is used and left together, except where nothing is left", () => {
  assert.equal(perMinuteTold(null, 8), 8);
  assert.equal(perMinuteTold({ used: 1, left: 54 }, null), 55);
  assert.equal(perMinuteTold({ used: 1, left: 54 }, 8), 55, "a larger plan since");
  assert.equal(perMinuteTold({ used: 9, left: 0 }, 8), 8, "a refused request is in it");
  assert.equal(perMinuteTold({ used: 8, left: 0 }, null), 8);
  const refusal = { used: 56, left: 0, perMinute: 55 };
  assert.equal(perMinuteTold(refusal, null), 55, "as the refusal itself says");
  assert.equal(perMinuteTold({ ...refusal, used: 1, left: 7 }, 55), 8, "where nothing is left");
  assert.equal(perMinuteTold({ ...refusal, perMinute: 0 }, 8), 8, "none is no limit");
  assert.equal(perMinuteTold({ used: 0, left: 0 }, null), null);
});

Deno.test("createUnlimitedCredits(), the simulator's, never waits and counts all the same", async () => {
  const credits = createUnlimitedCredits(() => NOON);
  assert.equal(await credits.affordable(500), 500);
  const lease = await credits.take(500);
  await lease.settle({ used: 500, left: 0 });
  await (await credits.take(7)).settle(null, "not_sent");
  assert.equal(credits.spent, 500);
  assert.deepEqual(await credits.left(), { minute: Infinity, day: null, resumesAt: null });
  assert.deepEqual(await credits.estimateEnd(1e9), NOON);
});

Deno.test("waitForTime() ends with the signal's reason when it is aborted", async () => {
  const stop = new AbortController();
  const waiting = waitForTime(60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await assert.rejects(waiting, /stopped/);
  await assert.rejects(waitForTime(60_000, stop.signal), /stopped/);
});
