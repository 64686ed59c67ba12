/** One run of the ETL: lock, plan, a step per series (fetch, validate, normalise, load), record. */
import type { Database } from "../db/connect.ts";
import { explainDatabaseError, isConnectionLost } from "../db/errors.ts";
import { finishRun, type RunTrigger, startRun } from "../db/runs.ts";
import { TerminalError } from "../market/errors.ts";
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { MinuteBudget } from "./credits.ts";
import { nameInstruments } from "./names.ts";
import type { Provider } from "./provider.ts";
import { runStep, type StepReport } from "./step.ts";

export interface RunDependencies {
  database: Database;
  provider: Provider;
  source: Source;
  now: () => Date;
  /** What the provider spends its credits from; a step's cost is read from it. */
  budget: MinuteBudget;
  /** Ends the run between two writes; what is loaded stays. */
  signal?: AbortSignal;
  onProgress?: (progress: RunProgress) => void;
}

export interface RunInput {
  trigger: RunTrigger;
  symbols: string[];
  /** Loaded one after the other for all symbols, the first named first. */
  intervals: Interval[];
}

/** Called before each step, and once at the end with `done === total`. */
export interface RunProgress {
  done: number;
  total: number;
  /** What is worked on now: `AAPL 1h`. */
  label: string;
}

export type RunReport =
  | { status: "locked" }
  | {
    status: "ok" | "partial" | "failed" | "interrupted";
    runId: number;
    durationMs: number;
    steps: StepReport[];
    /** What stopped the run as a whole; null when it went through all steps. */
    error: Error | null;
  };

/**
 * Loads what is new of every series. One series that fails does not stop the others; a bad key, the end
 * of the day's credits or the database does. Nothing is lost by killing it anywhere: each page commits
 * with its watermark, and the next run continues there.
 *
 * @returns `locked` when another run is under way.
 * @throws {OperatorError} when the database cannot go on (its disk is full, it is gone), and whatever
 * else it threw; the run is recorded as failed where that is still possible.
 */
export async function runEtl(deps: RunDependencies, input: RunInput): Promise<RunReport> {
  const lock = await deps.database.tryLock("etl").catch((error) => {
    throw explainDatabaseError(error, deps.database) ?? error;
  });
  if (lock === null) return { status: "locked" };
  try {
    return await runLocked(deps, input);
  } finally {
    await lock.release();
  }
}

async function runLocked(deps: RunDependencies, input: RunInput): Promise<RunReport> {
  const { database: { sql }, source, now } = deps;
  const startedAt = now();
  const runId = await startRun(sql, { source, trigger: input.trigger, startedAt });
  const finish = async (
    status: "ok" | "partial" | "failed" | "interrupted",
    error: Error | null,
  ) => {
    const finishedAt = now();
    const durationMs = finishedAt.getTime() - startedAt.getTime();
    await finishRun(sql, runId, { status, finishedAt, durationMs, error: error?.message ?? null });
    return { status, runId, durationMs, steps, error };
  };
  const steps: StepReport[] = [];
  try {
    const error = await runSteps(deps, input, runId, steps);
    if (error === null) await nameInstruments(deps);
    return await finish(statusOf(steps, error), error);
  } catch (error) {
    const cause = explainDatabaseError(error, deps.database) ?? toError(error);
    if (deps.signal?.aborted) {
      return await finish("interrupted", new Error("stopped before its end"));
    }
    // The database that failed may be the one that should record it: the first error is the one that counts.
    await finish("failed", cause).catch(() => {});
    throw cause;
  }
}

/** The error that stopped the run before its last step; null when there was none. */
async function runSteps(
  deps: RunDependencies,
  input: RunInput,
  runId: number,
  steps: StepReport[],
): Promise<Error | null> {
  const series = input.intervals.flatMap((interval) =>
    input.symbols.map((symbol) => ({ symbol, interval }))
  );
  for (const [done, { symbol, interval }] of series.entries()) {
    deps.signal?.throwIfAborted();
    deps.onProgress?.({ done, total: series.length, label: `${symbol} ${interval}` });
    const target = { symbol, interval, runId };
    // Whoever hosts the embedded database may have ended: the next query finds the new host. A step that
    // is done again changes nothing that it had stored.
    const step = await runStep(deps, target).catch((error) => {
      if (!isConnectionLost(error)) throw error;
      return runStep(deps, target);
    });
    steps.push(step);
    if (step.cause instanceof TerminalError && step.cause.stopsRun) return step.cause;
  }
  deps.onProgress?.({ done: series.length, total: series.length, label: "done" });
  return null;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

function statusOf(steps: StepReport[], error: Error | null): "ok" | "partial" | "failed" {
  const failed = steps.filter((step) => step.status === "failed").length;
  if (failed === 0 && error === null) return "ok";
  return error !== null || failed === steps.length ? "failed" : "partial";
}
