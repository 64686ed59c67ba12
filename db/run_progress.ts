/** How far the runs are that are under way. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";
import { listRunningRuns, listRuns, RUN_LOCKS, type RunRow, type RunTrigger } from "./runs.ts";

/** A run and what is known of its way. */
export interface RunProgress extends RunRow {
  /**
   * Steps of the last run over the watchlist that ended before it: about as many as this one will have.
   * Null for other kinds, whose number of steps nothing tells.
   */
  stepsExpected: number | null;
  /** The step that ended last; null before the first. */
  lastStep: { symbol: string; candleInterval: Interval; finishedAt: Date } | null;
}

/** The run that began last, and all that are under way: of each lock there may be one. */
export interface Progress {
  latest: RunProgress | null;
  /** The newest first. */
  running: RunProgress[];
}

/** The progress of a source's runs. Costs the same however many there were. */
export async function getProgress(sql: Sql, source: Source): Promise<Progress> {
  // In this order: a run that ends in between is told as under way, and as ended the next time.
  const [latest] = await listRuns(sql, source, 1);
  const running = await listRunningRuns(sql, source);
  const complete = async (run: RunRow): Promise<RunProgress> => ({
    ...run,
    stepsExpected: await countExpectedSteps(sql, source, run),
    lastStep: await getLastStep(sql, run.id),
  });
  return {
    latest: latest ? await complete(latest) : null,
    running: await Promise.all(running.map(complete)),
  };
}

async function countExpectedSteps(sql: Sql, source: Source, run: RunRow): Promise<number | null> {
  if (RUN_LOCKS[run.trigger] !== "etl") return null;
  const triggers = Object.keys(RUN_LOCKS) as RunTrigger[];
  const [row] = await sql<{ steps: number }[]>`
    select count(s.id) as steps
    from (
      select id from market.runs
      where source = ${source} and status in ('ok', 'partial') and started_at <= ${run.startedAt}
        and id <> ${run.id}
        and trigger = any(${triggers.filter((trigger) => RUN_LOCKS[trigger] === "etl")})
      order by started_at desc, id desc
      limit 1
    ) before
    join market.run_steps s on s.run_id = before.id`;
  return row?.steps || null;
}

async function getLastStep(sql: Sql, runId: number): Promise<RunProgress["lastStep"]> {
  const [step] = await sql<NonNullable<RunProgress["lastStep"]>[]>`
    select symbol, candle_interval, finished_at from market.run_steps
    where run_id = ${runId}
    order by id desc
    limit 1`;
  return step ?? null;
}
