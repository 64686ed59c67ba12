import assert from "node:assert/strict";
import {
  finishRun,
  listRuns,
  listRunSteps,
  recordStep,
  startRun,
  type StepInput,
} from "../../db/runs.ts";
import { forEachDatabase } from "../support/databases.ts";
import { storeInstrument } from "../support/market.ts";

const STEP: StepInput = {
  instrumentId: null,
  symbol: "BTC/USD",
  candleInterval: "1h",
  purpose: "fresh",
  status: "ok",
  reason: null,
  windowFrom: null,
  windowTo: null,
  candlesFetched: 720,
  candlesInserted: 719,
  candlesUpdated: 1,
  candlesRevised: 0,
  rowsRejected: 2,
  credits: 1,
  durationMs: 40,
  error: null,
  finishedAt: new Date("2026-11-22T12:00:01Z"),
};

forEachDatabase("A run is listed with the sums of its steps", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  const startedAt = new Date("2026-11-22T12:00:00Z");
  const runId = await startRun(sql, { source: "simulator", trigger: "cron", startedAt });
  await recordStep(sql, runId, { ...STEP, instrumentId: id });
  await recordStep(sql, runId, { ...STEP, symbol: "NOPE", status: "failed", error: "unknown" });
  const running = (await listRuns(sql, "simulator", 5))[0];
  assert.equal(running?.status, "running");
  const finishedAt = new Date("2026-11-22T12:00:02Z");
  await finishRun(sql, runId, { status: "partial", finishedAt, durationMs: 2000, error: null });
  assert.deepEqual([...await listRuns(sql, "simulator", 5)], [{
    id: runId,
    trigger: "cron",
    status: "partial",
    startedAt,
    finishedAt,
    durationMs: 2000,
    stepsOk: 1,
    stepsFailed: 1,
    stepsSkipped: 0,
    candlesInserted: 1438,
    candlesUpdated: 2,
    candlesRevised: 0,
    rowsRejected: 4,
    credits: 2,
    error: null,
  }]);
  const steps = await listRunSteps(sql, runId);
  assert.deepEqual(steps.map((step) => [step.symbol, step.slug, step.status, step.error]), [
    ["BTC/USD", "BTC-USD", "ok", null],
    ["NOPE", null, "failed", "unknown"],
  ]);
  assert.deepEqual([...await listRuns(sql, "twelve_data", 5)], [], "another source");
});

forEachDatabase(
  "A run whose process ended is marked as interrupted by the next",
  async ({ sql }) => {
    const start = (at: string) =>
      startRun(sql, { source: "simulator", trigger: "start", startedAt: new Date(at) });
    await start("2026-11-22T12:00:00Z");
    await start("2026-11-22T12:05:00Z");
    const runs = await listRuns(sql, "simulator", 5);
    assert.deepEqual(runs.map((run) => run.status), ["running", "interrupted"]);
    assert.deepEqual(runs[1]?.finishedAt, new Date("2026-11-22T12:05:00Z"));
  },
);
