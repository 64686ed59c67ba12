/** Runs for tests. */
import type { Sql } from "../../db/connect.ts";
import {
  finishRun,
  recordStep,
  type RunStatus,
  type RunTrigger,
  startRun,
  type StepInput,
} from "../../db/runs.ts";

/** A step of an hourly series that brought one new candle. */
export const STEP: StepInput = {
  instrumentId: null,
  symbol: "BTC/USD",
  candleInterval: "1h",
  purpose: "fresh",
  status: "ok",
  reason: null,
  windowFrom: null,
  windowTo: null,
  candlesFetched: 1,
  candlesInserted: 1,
  candlesUpdated: 0,
  candlesRevised: 0,
  rowsRejected: 0,
  credits: 1,
  durationMs: 5,
  error: null,
  finishedAt: new Date("2026-11-20T18:20:00Z"),
};

/** Stores a run of the simulator that has ended, and answers its number. */
export async function storeRun(sql: Sql, { trigger = "cron", status = "ok", ...run }: {
  trigger?: RunTrigger;
  status?: Exclude<RunStatus, "running">;
  startedAt: Date;
  durationMs: number;
  error?: string;
  steps?: Partial<StepInput>[];
}): Promise<number> {
  const { startedAt, durationMs, error = null, steps = [{}] } = run;
  const id = await startRun(sql, { source: "simulator", trigger, startedAt });
  for (const step of steps) await recordStep(sql, id, { ...STEP, ...step });
  const finishedAt = new Date(startedAt.getTime() + durationMs);
  await finishRun(sql, id, { status, finishedAt, durationMs, error });
  return id;
}
