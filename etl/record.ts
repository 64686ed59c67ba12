/** What every kind of run does alike: its lock, its row, its steps, its end. */
import type { Database } from "../db/connect.ts";
import { explainDatabaseError } from "../db/errors.ts";
import { listRefusals, type Refusal } from "../db/refusals.ts";
import { finishRun, interruptRuns, RUN_LOCKS, type RunTrigger, startRun } from "../db/runs.ts";
import { syncTradingDays } from "../db/trading_days.ts";
import { TerminalError } from "../market/errors.ts";
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Credits } from "./credits.ts";
import type { FetchOptions, Provider } from "./provider.ts";
import type { StepReport } from "./step.ts";

export interface RunDependencies {
  database: Database;
  provider: Provider;
  source: Source;
  now: () => Date;
  /** What the provider spends from; a step's cost is read from it. */
  credits: Credits;
  /**
   * The instants until the next 00:00 UTC at which scheduled runs start: the day's credits are shared out
   * among them. @default none
   */
  schedule?: (now: Date) => Date[];
  /** Ends the run between two writes; what is loaded stays. */
  signal?: AbortSignal;
  onProgress?: (progress: RunProgress) => void;
}

/** Called before each step, and once at the end with `done === total`. */
export interface RunProgress {
  done: number;
  total: number;
  /** What is worked on now: `AAPL 1h`. */
  label: string;
  /** What is left and when the rest will be done; absent when that is not known or without limit. */
  detail?: string;
}

export type RunReport =
  | { status: "locked" }
  | {
    status: "ok" | "partial" | "failed" | "interrupted";
    runId: number;
    durationMs: number;
    steps: StepReport[];
    /** What was left out, in sentences. */
    notes: string[];
    /** What stopped the run as a whole; null when it went through all steps. */
    error: Error | null;
  };

/** A run under way. */
export interface Run {
  id: number;
  deps: RunDependencies;
  steps: StepReport[];
  notes: string[];
  /** The refusals in force, by {@linkcode seriesKey}. */
  refused: Map<string, Refusal>;
}

/**
 * Takes the lock of the trigger, records a run, does its work and records what became of it.
 *
 * @param work the steps; answers the error that stopped it before its last one, or null
 * @returns `locked` when another run holds the lock.
 * @throws {OperatorError} when the database cannot go on (its disk is full, it is gone), and whatever
 * else it threw; the run is recorded as failed where that is still possible.
 */
export async function recordRun(
  deps: RunDependencies,
  trigger: RunTrigger,
  work: (run: Run) => Promise<Error | null>,
): Promise<RunReport> {
  const explain = (error: unknown) => explainDatabaseError(error, deps.database) ?? toError(error);
  const lock = await deps.database.tryLock(RUN_LOCKS[trigger]).catch((error) => {
    throw explain(error);
  });
  if (lock === null) return { status: "locked" };
  try {
    return await recordLocked(deps, trigger, work, explain);
  } finally {
    await lock.release();
  }
}

async function recordLocked(
  deps: RunDependencies,
  trigger: RunTrigger,
  work: (run: Run) => Promise<Error | null>,
  explain: (error: unknown) => Error,
): Promise<RunReport> {
  const { database: { sql }, source, now } = deps;
  const startedAt = now();
  const begin = async () => {
    if (RUN_LOCKS[trigger] !== "etl") await interruptKilledRuns(deps);
    return await startRun(sql, { source, trigger, startedAt });
  };
  const id = await begin().catch((error) => {
    throw explain(error);
  });
  const run: Run = { id, deps, steps: [], notes: [], refused: new Map() };
  const finish = async (
    status: "ok" | "partial" | "failed" | "interrupted",
    error: Error | null,
  ) => {
    const finishedAt = now();
    const durationMs = finishedAt.getTime() - startedAt.getTime();
    await finishRun(sql, id, { status, finishedAt, durationMs, error: error?.message ?? null });
    const { steps, notes } = run;
    return { status, runId: id, durationMs, steps, notes, error };
  };
  try {
    await syncTradingDays(sql, startedAt);
    for (const refusal of await listRefusals(sql, source)) {
      run.refused.set(seriesKey(refusal.symbol, refusal.candleInterval), refusal);
    }
    const error = await work(run);
    return await finish(statusOf(run.steps, error), error);
  } catch (error) {
    if (deps.signal?.aborted) {
      return await finish("interrupted", new Error("stopped before its end"));
    }
    const cause = explain(error);
    // The database that failed may be the one that should record it: the first error is the one that counts.
    await finish("failed", cause).catch(() => {});
    throw cause;
  }
}

/** Work of other priority waits while a run is under way: one that was killed must not be taken for that. */
async function interruptKilledRuns({ database, now }: RunDependencies): Promise<void> {
  const lock = await database.tryLock("etl");
  if (lock === null) return;
  try {
    await interruptRuns(database.sql, "etl", now());
  } finally {
    await lock.release();
  }
}

/** One series among those of a source, as a key. */
export function seriesKey(symbol: string, interval: Interval): string {
  return `${symbol} ${interval}`;
}

/**
 * Waits until a credit is there and answers how many of `most` can be spent at once; the error when the
 * day has none left for this.
 */
export async function affordable(
  { deps, id }: Run,
  most: number,
  priority: FetchOptions["priority"],
): Promise<number | TerminalError> {
  const { credits, signal } = deps;
  try {
    return await credits.affordable(most, { priority, ownRunId: id, signal });
  } catch (error) {
    if (error instanceof TerminalError && error.stopsRun) return error;
    throw error;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

function statusOf(steps: StepReport[], error: Error | null): "ok" | "partial" | "failed" {
  const count = (status: StepReport["status"]) =>
    steps.filter((step) => step.status === status).length;
  if (count("failed") === 0 && error === null) return "ok";
  const mayGoOn = error === null ||
    (error instanceof TerminalError && error.reason === "day_credits");
  return mayGoOn && count("ok") > 0 ? "partial" : "failed";
}
