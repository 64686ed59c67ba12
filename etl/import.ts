/** Imports a CSV file of any size: read as a stream, and loaded page by page as the provider's pages are. */
import type { Database } from "../db/connect.ts";
import { explainDatabaseError } from "../db/errors.ts";
import { finishRun, recordStep, RUN_LOCKS, startRun } from "../db/runs.ts";
import { OperatorError } from "../market/errors.ts";
import { type ImportInput, readRecords } from "./files/import_input.ts";
import {
  checkNotEmpty,
  type ImportProgress,
  longestOf,
  noteRefusals,
  takeRecord,
  waitingOf,
} from "./files/import_progress.ts";
import { type ImportReport, reportOf } from "./files/import_report.ts";
import { loadWaiting } from "./files/load_series.ts";
import { withReconnect } from "./files/reconnect.ts";
import { type FileSeries, identifySeries, noRows, stepOf } from "./files/series.ts";

export interface ImportDependencies {
  database: Database;
  now: () => Date;
  /** Ends the import between two pages; what is loaded stays. */
  signal?: AbortSignal;
}

/** Rows of one series in one transaction. */
const PAGE_ROWS = 5000;
/** Rows of all series in memory: with more, those of the longest are loaded before they fill a page. */
const WAITING_ROWS = 50_000;

/**
 * Imports a file. A bad row is a reject, and the others load; a series that cannot be stored does not
 * stop the others. Each page commits by itself: killed anywhere, the same import done again goes on
 * where it was, and done a third time changes nothing.
 *
 * @throws {OperatorError} when the file cannot be understood, rows of another source are in it, another
 * import is under way, or the database cannot go on.
 */
export async function importFile(
  deps: ImportDependencies,
  input: ImportInput,
): Promise<ImportReport> {
  const { database } = deps;
  const explain = (error: unknown) => explainDatabaseError(error, database) ?? error;
  if (input.isDryRun) {
    return await runImport(deps, input).catch((error) => {
      throw explain(error);
    });
  }
  const lock = await database.tryLock(RUN_LOCKS.import).catch((error) => {
    throw explain(error);
  });
  if (lock === null) {
    throw new OperatorError(
      `Cannot import ${input.name} as another import is under way: do it again when that has ended`,
    );
  }
  try {
    return await runImport(deps, input);
  } catch (error) {
    throw explain(error);
  } finally {
    await lock.release();
  }
}

async function runImport(deps: ImportDependencies, input: ImportInput): Promise<ImportReport> {
  const progress: ImportProgress = {
    startedAt: deps.now(),
    runId: null,
    rows: 0,
    skipped: 0,
    firstSkipped: null,
    strays: 0,
    series: new Map(),
    waitingRows: 0,
    refusals: [],
  };
  try {
    for await (const record of readRecords(input)) {
      deps.signal?.throwIfAborted();
      const series = takeRecord(progress, input, record);
      if (series === null) continue;
      if (waitingOf(series) >= PAGE_ROWS) await load(deps, input, progress, series);
      if (progress.waitingRows >= WAITING_ROWS) {
        await load(deps, input, progress, longestOf(progress));
      }
    }
    for (const series of progress.series.values()) await load(deps, input, progress, series);
    checkNotEmpty(progress, input);
  } catch (error) {
    const isStopped = deps.signal?.aborted === true;
    const cause = isStopped
      ? new OperatorError(`The import of ${input.name} was stopped: do it again to go on`)
      : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    // The database that failed may be the one that should record it: the first error is the one that counts.
    await finish(deps, progress, isStopped ? "interrupted" : "failed", message).catch(() => {});
    throw cause;
  }
  const report = reportOf(input, progress, deps.now());
  const hasFailed = report.series.some(({ error }) => error !== null) || progress.strays > 0;
  const status = report.status === "failed" ? "failed" : hasFailed ? "partial" : "ok";
  const error = report.status === "failed"
    ? "No row of the file could be stored"
    : progress.strays > 0
    ? `${progress.strays} rows of the file name no series`
    : null;
  await finish(deps, progress, status, error);
  return report;
}

/** Loads what waits of a series; the run begins with the first page that there is to load. */
async function load(
  deps: ImportDependencies,
  input: ImportInput,
  progress: ImportProgress,
  series: FileSeries,
): Promise<void> {
  const count = waitingOf(series);
  if (count === 0) return;
  progress.waitingRows -= count;
  const { database, now } = deps;
  const { source, kind } = input;
  const startedAt = now();
  if (series.meta === null) {
    await withReconnect(() => identifySeries(series, { database, source, kind }));
  }
  if (series.error !== null) {
    series.counts.rejected += count;
    series.waiting = noRows();
    return;
  }
  if (!input.isDryRun) {
    progress.runId ??= await startRun(database.sql, {
      source,
      trigger: "import",
      startedAt: progress.startedAt,
    });
  }
  const target = { database, source, kind };
  noteRefusals(progress, await loadWaiting(series, target, progress.runId, startedAt));
  series.durationMs += now().getTime() - startedAt.getTime();
}

/** Records the steps, one per series, and the end of the run. */
async function finish(
  { database: { sql }, now }: ImportDependencies,
  progress: ImportProgress,
  status: "ok" | "partial" | "failed" | "interrupted",
  error: string | null,
): Promise<void> {
  const { runId, startedAt } = progress;
  if (runId === null) return;
  const finishedAt = now();
  for (const series of progress.series.values()) {
    await recordStep(sql, runId, stepOf(series, finishedAt));
  }
  const durationMs = finishedAt.getTime() - startedAt.getTime();
  await finishRun(sql, runId, { status, finishedAt, durationMs, error });
}
