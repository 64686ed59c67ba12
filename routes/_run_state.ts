/** The runs as `GET /api/v1/runs/latest` and the pipeline's page tell them. */
import type { Progress, RunProgress } from "../db/run_progress.ts";
import type { RunsState, RunState } from "../islands/runs.ts";

/** Progress as JSON, as of `now`. */
export function describeProgress({ latest, running }: Progress, now: Date): RunsState {
  return {
    asOf: now.toISOString(),
    latest: latest && describeRun(latest),
    running: running.map(describeRun),
  };
}

function describeRun(run: RunProgress): RunState {
  const { lastStep } = run;
  return {
    id: run.id,
    trigger: run.trigger,
    status: run.status,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.durationMs,
    steps: {
      ok: run.stepsOk,
      failed: run.stepsFailed,
      skipped: run.stepsSkipped,
      expected: run.stepsExpected,
    },
    candles: {
      inserted: run.candlesInserted,
      updated: run.candlesUpdated,
      revised: run.candlesRevised,
    },
    rowsRejected: run.rowsRejected,
    credits: run.credits,
    error: run.error,
    lastStep: lastStep && {
      symbol: lastStep.symbol,
      interval: lastStep.candleInterval,
      finishedAt: lastStep.finishedAt.toISOString(),
    },
  };
}
