/** History: any window of any series, loaded backwards page by page, and gone on with where it was. */
import {
  advanceBackfill,
  type Backfill,
  listUnfinishedBackfills,
  requestBackfill,
  restartBackfill,
} from "../db/backfills.ts";
import { listGaps } from "../db/gaps.ts";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { TerminalError } from "../market/errors.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { showBackfill } from "./backfill_progress.ts";
import { loadFresh } from "./fresh.ts";
import { repairGap } from "./gaps.ts";
import { prefetch } from "./pipeline.ts";
import type { TimeSeries } from "./provider.ts";
import { affordable, recordRun, type Run, type RunDependencies, type RunReport } from "./record.ts";
import { executeStep, type FetchedPage } from "./step.ts";
import { listWatchedSeries, type Watch, type WatchedSeries } from "./watchlist.ts";
import { historyRequest } from "./window.ts";

export interface BackfillInput extends Watch {
  /** Inclusive. */
  from: Date;
  /** Exclusive. @default where the stored series begins */
  to?: Date;
  /** Reads windows again that are loaded already. */
  isAgain?: boolean;
}

/** Closures of a market are shorter than this: what begins later than that after its window has no more. */
const LONGEST_CLOSURE_MS = 31 * 24 * 60 * 60 * 1000;

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
    if (backfills.length === 0) run.notes.push("All of that is loaded already.");
    return await loadBackfills(run, backfills);
  });
}

/**
 * Goes on with the unfinished backfills of the source, the longest waiting first.
 * @returns the error that stopped it; null when all are done or `until` came
 */
export async function continueBackfills(run: Run, until: Date): Promise<Error | null> {
  const { database: { sql }, source } = run.deps;
  return await loadBackfills(run, await listUnfinishedBackfills(sql, source), until);
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
  const end = to ?? (isOpenEnded ? state?.oldestAt : undefined) ?? now();
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
    if (step.cause instanceof TerminalError && step.cause.stopsRun) return step.cause;
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
  const { wantedFrom, candleInterval: interval, symbol, id } = backfill;
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
    return { request, series, asOf, times: timesOf(series) };
  };
  while (before > wantedFrom && !isTime()) {
    const credit = await affordable(run, 1, "history");
    if (credit instanceof TerminalError) return yield credit;
    let page = await fetchPage();
    // An empty answer would end the history for good: it counts when it is given twice.
    if (page.times.length === 0) page = await fetchPage();
    const inside = page.times.filter((time) => time < before.getTime());
    // One too many is the date more that was asked for.
    if (inside.length === 0 && page.times.length > 1) throw outsideWindow(symbol, interval, before);
    const oldest = new Date(inside.reduce((a, b) => Math.min(a, b), before.getTime()));
    const isLast = inside.length < page.request.outputSize || oldest <= wantedFrom;
    const isExhausted = isLast && oldest.getTime() - wantedFrom.getTime() > LONGEST_CLOSURE_MS;
    const reachedAt = isLast ? wantedFrom : oldest;
    const finishedAt = isLast ? page.asOf : null;
    before = reachedAt;
    yield {
      ...page,
      reachedAt,
      isHistoryExhausted: isExhausted || undefined,
      alongside: (tx) => advanceBackfill(tx, id, { reachedAt, finishedAt }),
    };
  }
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
  for (const gap of gaps) {
    if (isTime()) return null;
    const error = await repairGap(run, gap);
    if (error) return error;
  }
  return null;
}

/** The open times that the answer names, in unix milliseconds. */
function timesOf({ rows, rejects }: TimeSeries): number[] {
  return [
    ...rows.map(({ datetime }) =>
      Date.parse(`${datetime.slice(0, 10)}T${datetime.slice(11) || "00:00:00"}Z`)
    ),
    ...rejects.flatMap(({ openedAt }) => openedAt === null ? [] : [openedAt.getTime()]),
  ];
}

function outsideWindow(symbol: string, interval: Interval, before: Date): TerminalError {
  return new TerminalError(
    `Cannot go on with the history of ${symbol} at ${interval} as the provider was asked for candles ` +
      `before ${before.toISOString()} and answers later ones only. Report this`,
    { reason: "malformed" },
  );
}
