/** Runs of the ETL and their steps in the database. */
import type { Fragment } from "postgres";
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

export type RunTrigger = "start" | "cron" | "manual" | "backfill" | "repair" | "import";
export type RunStatus = "running" | "ok" | "partial" | "failed" | "interrupted";
/** What a step was for: what is new, what was missing, older candles, a file. */
export type StepPurpose = "fresh" | "gap" | "history" | "import";

export type RunLock = "etl" | "backfill" | "import";

/** The lock that a run holds: those of one lock never run at the same time. */
export const RUN_LOCKS: Readonly<Record<RunTrigger, RunLock>> = {
  start: "etl",
  cron: "etl",
  manual: "etl",
  backfill: "backfill",
  repair: "backfill",
  import: "import",
};

/** One run with the sums of its steps. Times UTC, durations in milliseconds. */
export interface RunRow {
  id: number;
  trigger: RunTrigger;
  status: RunStatus;
  startedAt: Date;
  finishedAt: Date | null;
  durationMs: number | null;
  stepsOk: number;
  stepsFailed: number;
  stepsSkipped: number;
  candlesInserted: number;
  candlesUpdated: number;
  candlesRevised: number;
  rowsRejected: number;
  credits: number;
  error: string | null;
}

/** What became of one series in a run. */
export interface StepInput {
  instrumentId: number | null;
  symbol: string;
  candleInterval: Interval;
  purpose: StepPurpose;
  /** `skipped`: refused before, and not asked again until someone says so. */
  status: "ok" | "failed" | "skipped";
  /** The kind of outcome in a word, `no_data`, `symbol_plan`, `timeout`; null for an ordinary success. */
  reason: string | null;
  windowFrom: Date | null;
  windowTo: Date | null;
  candlesFetched: number;
  candlesInserted: number;
  candlesUpdated: number;
  candlesRevised: number;
  rowsRejected: number;
  credits: number;
  durationMs: number;
  error: string | null;
  finishedAt: Date;
}

export interface RunStepRow extends Omit<StepInput, "instrumentId" | "finishedAt"> {
  id: number;
  slug: string | null;
}

/**
 * Begins a run. Only the holder of the run's lock may call it, as runs of that lock that still say
 * `running` are then marked as interrupted.
 */
export async function startRun(
  sql: Sql,
  run: { source: Source; trigger: RunTrigger; startedAt: Date },
): Promise<number> {
  await interruptRuns(sql, RUN_LOCKS[run.trigger], run.startedAt);
  const [row] = await sql<[{ id: number }]>`
    insert into market.runs (source, trigger, status, started_at)
    values (${run.source}, ${run.trigger}, 'running', ${run.startedAt})
    returning id`;
  return row.id;
}

/** Marks the runs of a lock that have lost their process. Only the holder of the lock may call it. */
export async function interruptRuns(sql: Sql, lock: RunLock, at: Date): Promise<void> {
  const triggers = Object.keys(RUN_LOCKS) as RunTrigger[];
  await sql`
    update market.runs set status = 'interrupted', finished_at = ${at}
    where status = 'running'
      and trigger = any(${triggers.filter((trigger) => RUN_LOCKS[trigger] === lock)})`;
}

export async function recordStep(sql: Sql, runId: number, step: StepInput): Promise<void> {
  await sql`
    insert into market.run_steps (
      run_id, instrument_id, symbol, candle_interval, purpose, status, reason, window_from, window_to,
      candles_fetched, candles_inserted, candles_updated, candles_revised, rows_rejected, credits,
      duration_ms, error, finished_at
    ) values (
      ${runId}, ${step.instrumentId}, ${step.symbol}, ${step.candleInterval}, ${step.purpose},
      ${step.status}, ${step.reason}, ${step.windowFrom}, ${step.windowTo}, ${step.candlesFetched}, ${step.candlesInserted},
      ${step.candlesUpdated}, ${step.candlesRevised}, ${step.rowsRejected}, ${step.credits},
      ${step.durationMs}, ${step.error}, ${step.finishedAt}
    )`;
}

export async function finishRun(
  sql: Sql,
  runId: number,
  end: {
    status: Exclude<RunStatus, "running">;
    finishedAt: Date;
    durationMs: number;
    error: string | null;
  },
): Promise<void> {
  await sql`
    update market.runs
    set status = ${end.status}, finished_at = ${end.finishedAt}, duration_ms = ${end.durationMs},
      error = ${end.error}
    where id = ${runId}`;
}

/** The newest runs of a source, newest first. */
export async function listRuns(sql: Sql, source: Source, limit: number): Promise<RunRow[]> {
  return await selectRuns(
    sql,
    sql`source = ${source} order by started_at desc, id desc limit ${limit}`,
  );
}

/** The runs of a source that are under way, newest first. */
export async function listRunningRuns(sql: Sql, source: Source): Promise<RunRow[]> {
  return await selectRuns(sql, sql`source = ${source} and status = 'running'`);
}

/** A run of a source by its number; null when there is none. */
export async function getRun(sql: Sql, source: Source, id: number): Promise<RunRow | null> {
  const [run] = await selectRuns(sql, sql`source = ${source} and id = ${id}`);
  return run ?? null;
}

async function selectRuns(sql: Sql, which: Fragment): Promise<RunRow[]> {
  return await sql<RunRow[]>`
    select
      r.id, r.trigger, r.status, r.started_at, r.finished_at, r.duration_ms, r.error,
      count(s.id) filter (where s.status = 'ok') as steps_ok,
      count(s.id) filter (where s.status = 'failed') as steps_failed,
      count(s.id) filter (where s.status = 'skipped') as steps_skipped,
      coalesce(sum(s.candles_inserted), 0) as candles_inserted,
      coalesce(sum(s.candles_updated), 0) as candles_updated,
      coalesce(sum(s.candles_revised), 0) as candles_revised,
      coalesce(sum(s.rows_rejected), 0) as rows_rejected,
      coalesce(sum(s.credits), 0) as credits
    from (select * from market.runs where ${which}) r
    left join market.run_steps s on s.run_id = r.id
    group by r.id, r.trigger, r.status, r.started_at, r.finished_at, r.duration_ms, r.error
    order by r.started_at desc, r.id desc`;
}

/** The steps of a run in the order in which they ended. */
export async function listRunSteps(sql: Sql, runId: number): Promise<RunStepRow[]> {
  return await sql<RunStepRow[]>`
    select
      s.id, s.symbol, i.slug, s.candle_interval, s.purpose, s.status, s.reason, s.window_from,
      s.window_to,
      s.candles_fetched, s.candles_inserted, s.candles_updated, s.candles_revised,
      s.rows_rejected, s.credits, s.duration_ms, s.error
    from market.run_steps s
    left join market.instruments i on i.id = s.instrument_id
    where s.run_id = ${runId}
    order by s.id`;
}
