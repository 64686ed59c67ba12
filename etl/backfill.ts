/** History: any window of any series, loaded backwards page by page, and gone on with where it was. */
import {
  advanceBackfill,
  type Backfill,
  listUnfinishedBackfills,
  parkBackfill,
  requestBackfill,
  restartBackfill,
} from "../db/backfills.ts";
import { listGaps } from "../db/gaps.ts";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { TerminalError } from "../market/errors.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { showBackfill } from "./backfill_progress.ts";
import { loadFresh } from "./fresh.ts";
import { mergeGaps, repairGap } from "./gaps.ts";
import { prefetch } from "./pipeline.ts";
import type { TimeSeries } from "./provider.ts";
import { affordable, recordRun, type Run, type RunDependencies, type RunReport } from "./record.ts";
import { executeStep, type FetchedPage } from "./step.ts";
import { listWatchedSeries, type Watch, type WatchedSeries } from "./watchlist.ts";
import { historyRequest } from "./window.ts";
import { wireTimeMs } from "./wire_time.ts";

export interface BackfillInput extends Watch {
  /** Inclusive. */
  from: Date;
  /** Exclusive; the stored series when that begins later, so that no hole is left. @default where that begins */
  to?: Date;
  /** Reads windows again that are loaded already. */
  isAgain?: boolean;
}

/** Closures of a market are shorter than this: what begins later than that after its window has no more. */
const LONGEST_CLOSURE_MS = 31 * DAY_MS;
/** A provider that says twice that it has nothing older, so long apart, has nothing older. */
const BELIEVED_AFTER_MS = 60 * 60 * 1000;

/**
 * Loads the window of each series backwards. It can be killed anywhere: the next call, or the next
 * scheduled run, goes on at the page where it was. What the pages left out is asked for once more at the end.
 *
 * @returns `locked` when another backfill is under way; this one is noted, for scheduled runs to go on with.
 * @throws as `recordRun`
 */
export async function runBackfill(deps: RunDependencies, input: BackfillInput): Promise<RunReport> {
  const known = await requestBackfills(deps, input);
  return await recordRun(deps, "backfill", async (run) => {
    const error = await loadUnknown(run, input);
    if (error) return error;
    const requested = known.isComplete ? known : await requestBackfills(deps, input);
    const backfills = requested.backfills.filter(({ finishedAt }) => finishedAt === null);
    const isRefused = run.steps.some(({ status }) => status !== "ok");
    if (backfills.length === 0 && !isRefused) run.notes.push("All of that is loaded already.");
    return await loadBackfills(run, backfills);
  });
}

/**
 * Goes on with the unfinished backfills of the source, the longest waiting first.
 * @returns the error that stopped it; null when all are done or `until` came
 */
export async function continueBackfills(run: Run, until: Date): Promise<Error | null> {
  const { database: { sql }, source } = run.deps;
  const due = await listUnfinishedBackfills(sql, source, run.deps.now());
  return await loadBackfills(run, due, until);
}

/** An instrument has no row before its newest candles are loaded; answers the error that stops the run. */
async function loadUnknown(run: Run, input: BackfillInput): Promise<Error | null> {
  const { database: { sql }, source } = run.deps;
  const unknown = (await listWatchedSeries(sql, source, input))
    .flatMap(({ symbol, instrument }) => instrument === null ? [symbol] : []);
  if (unknown.length === 0) return null;
  const symbols = [...new Set(unknown)];
  return await loadFresh(run, { ...input, symbols, isOnlyThese: true });
}

/** The backfills of every known series; `isComplete` when none was unknown. */
async function requestBackfills(
  deps: RunDependencies,
  input: BackfillInput,
): Promise<{ backfills: Backfill[]; isComplete: boolean }> {
  const all = await listWatchedSeries(deps.database.sql, deps.source, input);
  const backfills: Backfill[] = [];
  for (const series of all) {
    const backfill = await requestOne(deps, series, input);
    if (backfill) backfills.push(backfill);
  }
  return { backfills, isComplete: all.every(({ instrument }) => instrument !== null) };
}

/** The backfill of one series; null when the provider has nothing that is not stored. */
async function requestOne(
  { database: { sql }, now }: RunDependencies,
  { instrument, state, interval }: WatchedSeries,
  { from, to, isAgain = false }: BackfillInput,
): Promise<Backfill | null> {
  if (instrument === null) return null;
  const isOpenEnded = to === undefined && !isAgain;
  const end = endOf(to, isOpenEnded, state?.oldestAt ?? null, now());
  if (end <= from || (isOpenEnded && state?.isHistoryExhausted)) return null;
  const window = {
    instrumentId: instrument.id,
    candleInterval: interval,
    from,
    to: end,
    isOpenEnded,
  };
  const backfill = await requestBackfill(sql, window, now());
  return isAgain && to !== undefined ? await restartBackfill(sql, backfill) : backfill;
}

/**
 * Where a backfill begins to go back from. What would lie apart from the stored series is joined to it: the
 * watermark says one oldest candle, and what is missing after it would never be history again.
 */
function endOf(to: Date | undefined, isOpenEnded: boolean, oldestAt: Date | null, now: Date): Date {
  if (to !== undefined) return oldestAt !== null && to < oldestAt ? oldestAt : to;
  return (isOpenEnded ? oldestAt : null) ?? now;
}

async function loadBackfills(
  run: Run,
  backfills: Backfill[],
  until?: Date,
): Promise<Error | null> {
  if (backfills.length === 0) return null;
  const { deps } = run;
  const { database: { sql }, source } = deps;
  const progress = showBackfill(deps, backfills);
  const isTime = () => until !== undefined && deps.now() >= until;
  for (const backfill of backfills) {
    if (isTime()) return null;
    const instrument = await getInstrumentBySymbol(sql, source, backfill.symbol);
    if (instrument === null) continue;
    const credit = await affordable(run, 1, "history");
    if (credit instanceof TerminalError) return credit;
    const end: { noCredit?: TerminalError } = {};
    const step = await executeStep(run, {
      symbol: backfill.symbol,
      interval: backfill.candleInterval,
      purpose: "history",
      instrument,
      window: { from: backfill.wantedFrom, to: backfill.wantedTo },
    }, async (load) => {
      await progress.show(backfill, 0);
      for await (const page of prefetch(historyPages(run, backfill, instrument, isTime))) {
        if (page instanceof TerminalError) {
          end.noCredit = page;
          return;
        }
        await load(page);
        backfill.reachedAt = page.reachedAt;
        await progress.show(backfill, page.series.rows.length);
      }
    });
    if (end.noCredit) return end.noCredit;
    if (step.cause instanceof TerminalError) {
      if (step.cause.stopsRun) return step.cause;
      await parkBackfill(sql, backfill.id, new Date(deps.now().getTime() + DAY_MS));
    }
    if (step.cause === null && !isTime()) {
      const error = await repairWindow(run, backfill, isTime);
      if (error) return error;
    }
  }
  progress.end();
  return null;
}

/** A page of history, and from when on all is loaded once it is stored. */
interface HistoryPage extends FetchedPage {
  reachedAt: Date;
}

/** The pages from where the backfill is, newest first; at last the error when there is no credit for the next. */
async function* historyPages(
  run: Run,
  backfill: Backfill,
  instrument: Instrument,
  isTime: () => boolean,
): AsyncGenerator<HistoryPage | TerminalError> {
  const { deps } = run;
  const { wantedFrom, candleInterval: interval, symbol } = backfill;
  let before = backfill.reachedAt;
  const fetchPage = async () => {
    deps.signal?.throwIfAborted();
    const request = historyRequest(interval, wantedFrom, before);
    const asOf = deps.now();
    const series = await deps.provider.fetchTimeSeries(symbol, request, {
      signal: deps.signal,
      priority: "history",
      ownRunId: run.id,
      micCode: instrument.pinnedMicCode ?? undefined,
    });
    return { request, series, asOf };
  };
  while (before > wantedFrom && !isTime()) {
    const credit = await affordable(run, 1, "history");
    if (credit instanceof TerminalError) return yield credit;
    const page = await fetchPage();
    const { oldestAt, answered } = extentOf(page.series, before);
    if (answered === 0) {
      const emptySince = backfill.emptySince ?? page.asOf;
      const isBelieved = page.asOf.getTime() - emptySince.getTime() >= BELIEVED_AFTER_MS;
      yield turnPage(page, backfill, { oldestAt: before, isLast: isBelieved, emptySince });
      if (!isBelieved) run.notes.push(emptyNote(backfill, before));
      return;
    }
    if (oldestAt === null) throw noProgress(symbol, interval, before);
    const isLast = answered < page.request.outputSize || oldestAt <= wantedFrom;
    before = isLast ? wantedFrom : oldestAt;
    yield turnPage(page, backfill, { oldestAt, isLast, emptySince: null });
  }
}

/** The page with what it moves on: the end of the window when it is the last one, else its oldest candle. */
function turnPage(
  page: Omit<FetchedPage, "alongside">,
  { id, wantedFrom }: Backfill,
  { oldestAt, isLast, emptySince }: { oldestAt: Date; isLast: boolean; emptySince: Date | null },
): HistoryPage {
  const reachedAt = isLast ? wantedFrom : oldestAt;
  const finishedAt = isLast ? page.asOf : null;
  const isExhausted = isLast && oldestAt.getTime() - wantedFrom.getTime() > LONGEST_CLOSURE_MS;
  return {
    ...page,
    reachedAt,
    isHistoryExhausted: isExhausted || undefined,
    alongside: (tx) => advanceBackfill(tx, id, { reachedAt, finishedAt, emptySince }),
  };
}

/** What the pages of a whole window left out is asked for once more; what is missing then is remembered. */
async function repairWindow(
  run: Run,
  { symbol, candleInterval, wantedFrom, wantedTo, reachedAt }: Backfill,
  isTime: () => boolean,
): Promise<Error | null> {
  const { database: { sql }, source, now } = run.deps;
  if (reachedAt > wantedFrom) return null;
  const gaps = await listGaps(sql, {
    source,
    symbols: [symbol],
    intervals: [candleInterval],
    from: wantedFrom,
    to: wantedTo,
    now: now(),
    isDue: true,
  });
  for (const gap of mergeGaps(gaps)) {
    if (isTime()) return null;
    const error = await repairGap(run, gap);
    if (error) return error;
  }
  return null;
}

/**
 * How many rows the answer holds, readable or not, and the oldest time before the instant that it names.
 * Rows from the instant on are the date more that was asked for.
 */
function extentOf(
  { rows, rejects }: TimeSeries,
  before: Date,
): { oldestAt: Date | null; answered: number } {
  const times = [
    ...rows.map(({ datetime }) => wireTimeMs(datetime)),
    ...rejects.map(({ openedAt }) => openedAt?.getTime() ?? NaN),
  ];
  const later = times.filter((time) => time >= before.getTime()).length;
  const oldestMs = times.reduce((a, b) => b < a ? b : a, before.getTime());
  return {
    // A single later row is the provider's reading of the end; more of them are no progress.
    answered: times.length - Math.min(later, 1),
    oldestAt: oldestMs < before.getTime() ? new Date(oldestMs) : null,
  };
}

function emptyNote({ symbol, candleInterval }: Backfill, before: Date): string {
  return `${symbol} ${candleInterval}: the provider has nothing before ` +
    `${
      before.toISOString().slice(0, 10)
    }; it is asked once more in an hour, by the same command or a ` +
    "scheduled run.";
}

function noProgress(symbol: string, interval: Interval, before: Date): TerminalError {
  return new TerminalError(
    `Cannot go on with the history of ${symbol} at ${interval} as the provider was asked for candles ` +
      `before ${before.toISOString()} and answers none with such a time. Report this`,
    { reason: "malformed" },
  );
}
