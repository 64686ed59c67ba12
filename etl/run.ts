/** One run of the ETL: what is new, then what is missing, then what is older. */
import { RUN_LOCKS } from "../db/runs.ts";
import { listSuspectedSplits } from "../db/splits.ts";
import { continueBackfills } from "./backfill.ts";
import { loadFresh } from "./fresh.ts";
import { repairRecentGaps } from "./gaps.ts";
import { nameInstruments } from "./names.ts";
import { recordRun, type Run, type RunDependencies, type RunReport } from "./record.ts";
import type { Watch } from "./watchlist.ts";

export interface RunInput extends Watch {
  trigger: "start" | "cron" | "manual";
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** For how many days a run repeats what looks like a split. */
const NOTED_DAYS = 7;
/** How long a scheduled run may go on with gaps and history after what is new: the next one must not wait. */
const OLDER_WORK_MS = 10 * 60_000;

/**
 * Loads what is new of every series of the watchlist, then fills gaps, then goes on with unfinished
 * backfills as far as credits and ten minutes reach. One series that fails does not stop the others; a bad
 * key, the end of the day's credits or the database does. Nothing is lost by killing it anywhere: each
 * page commits with its watermark, and the next run continues there.
 *
 * @returns `locked` when another run is under way.
 * @throws {OperatorError} when the database cannot go on (its disk is full, it is gone), and whatever
 * else it threw; the run is recorded as failed where that is still possible.
 */
export async function runEtl(deps: RunDependencies, input: RunInput): Promise<RunReport> {
  return await recordRun(deps, input.trigger, async (run) => {
    const error = await loadFresh(run, input, { isShared: input.trigger === "cron" });
    if (error !== null) return error;
    await nameInstruments(deps);
    await loadOlder(run);
    await noteSplits(run);
    return null;
  });
}

/** Gaps, then history, with the credits that no later run of the day needs, unless someone else is at it. */
async function loadOlder(run: Run): Promise<void> {
  const { deps, notes } = run;
  const lock = await deps.database.tryLock(RUN_LOCKS.backfill);
  if (lock === null) return;
  const until = new Date(deps.now().getTime() + OLDER_WORK_MS);
  try {
    const error = await repairRecentGaps(run, until) ?? await continueBackfills(run, until);
    if (error) notes.push(error.message);
  } finally {
    await lock.release();
  }
}

/** Says what a person should look into: raw prices that jump by a split which no one recorded. */
async function noteSplits({ deps, notes }: Run): Promise<void> {
  const { database: { sql }, source, now } = deps;
  const since = new Date(now().getTime() - NOTED_DAYS * DAY_MS);
  for (const split of await listSuspectedSplits(sql, source, { since })) {
    notes.push(`${split.symbol} ${split.candleInterval} on ${split.noticedOn}: ${split.detail}`);
  }
}
