import assert from "node:assert/strict";
import { completenessOf, formatShare } from "../../components/completeness.ts";
import type { SeriesHealth } from "../../db/series_health.ts";
import {
  describeChange,
  formatElapsed,
  RunsState,
  type RunState,
  signatureOf,
} from "../../islands/runs.ts";

const RUN: RunState = {
  id: 7,
  trigger: "cron",
  status: "ok",
  startedAt: "2026-11-20T18:02:00.000Z",
  finishedAt: "2026-11-20T18:03:05.000Z",
  durationMs: 65_000,
  steps: { ok: 15, failed: 1, skipped: 0, expected: null },
  candles: { inserted: 16, updated: 0, revised: 0 },
  rowsRejected: 0,
  credits: 16,
  error: null,
  lastStep: null,
};
const UNDER_WAY: RunState = { ...RUN, status: "running", finishedAt: null, durationMs: null };

function stateOf(latest: RunState | null, running: RunState[] = []): RunsState {
  return RunsState.parse({ asOf: "2026-11-20T18:20:00.000Z", latest, running });
}

Deno.test("signatureOf() is another one when a run begins or ends, and only then", () => {
  const running = stateOf(UNDER_WAY, [UNDER_WAY]);
  const further = { ...UNDER_WAY, steps: { ...UNDER_WAY.steps, ok: 16 } };
  assert.equal(signatureOf(stateOf(further, [further])), signatureOf(running));
  const backfill: RunState = { ...UNDER_WAY, id: 5, trigger: "backfill" };
  const states = [
    stateOf(null),
    running,
    stateOf(RUN),
    stateOf(RUN, [backfill]),
    stateOf(UNDER_WAY, [UNDER_WAY, backfill]),
    stateOf({ ...RUN, id: 8 }),
  ];
  assert.equal(new Set(states.map(signatureOf)).size, states.length);
});

Deno.test("describeChange() says what began and what ended", () => {
  const idle = stateOf(RUN);
  const next: RunState = { ...UNDER_WAY, id: 8, trigger: "manual" };
  const done: RunState = { ...RUN, id: 8, status: "partial" };
  assert.equal(describeChange(idle, idle), "");
  assert.equal(describeChange(idle, stateOf(next, [next])), "Run #8, by hand, has begun.");
  const ended = "Run #8 has ended after 1 min 5 s: partly failed, 15 of 16 steps succeeded.";
  assert.equal(describeChange(stateOf(next, [next]), stateOf(done)), ended);
  assert.equal(describeChange(idle, stateOf(done)), ended, "it began and ended unseen");
  const backfill: RunState = { ...UNDER_WAY, id: 5, trigger: "backfill" };
  assert.equal(describeChange(stateOf(RUN, [backfill]), stateOf(RUN)), "Run #5 has ended.");
  assert.equal(
    describeChange(stateOf(null), stateOf(next, [next, backfill])),
    "Run #8, by hand, has begun. Run #5, backfill, has begun.",
  );
  const cut: RunState = { ...done, status: "interrupted", durationMs: null };
  const nothing = { ...cut, steps: { ok: 0, failed: 0, skipped: 0, expected: null } };
  assert.equal(describeChange(idle, stateOf(nothing)), "Run #8 has ended: interrupted.");
});

Deno.test("formatElapsed() counts in whole seconds, in minutes from an hour on", () => {
  const hourMs = 60 * 60 * 1000;
  assert.deepEqual(
    [-5, 999, 12_400, 65_000, hourMs - 1, hourMs, 26.5 * hourMs].map(formatElapsed),
    [
      "0 s",
      "0 s",
      "12 s",
      "1 min 5 s",
      "59 min 59 s",
      "1 h 0 min",
      "26 h 30 min",
    ],
  );
});

Deno.test("A share never reads 100 % while one candle is missing", () => {
  assert.deepEqual([100, 99.9999, 99.444, 0, 7.5].map(formatShare), [
    "100 %",
    "99.99 %",
    "99.44 %",
    "0.00 %",
    "7.50 %",
  ]);
});

Deno.test("completenessOf() weighs candles and leaves out what no calendar knows", () => {
  const of = (values: Partial<SeriesHealth>) => values as SeriesHealth;
  const known = of({ expectedCandles: 90, haveCandles: 81, missingCandles: 9 });
  const whole = of({ expectedCandles: 10, haveCandles: 10, missingCandles: 0 });
  const unknown = of({ expectedCandles: null, haveCandles: 5, missingCandles: 3 });
  const never = of({ expectedCandles: null, haveCandles: null, missingCandles: null });
  assert.deepEqual(completenessOf([known, whole, unknown, never]), {
    percent: 91,
    missingCandles: 12,
  });
  assert.deepEqual(completenessOf([unknown]), { percent: null, missingCandles: 3 });
  assert.deepEqual(completenessOf([]), { percent: null, missingCandles: 0 });
});
