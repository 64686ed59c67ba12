/** What is new of every series: due ones only, in batches, within the day's share of credits. */
import { isConnectionLost } from "../db/errors.ts";
import type { Refusal } from "../db/refusals.ts";
import { TerminalError, TransientError } from "../market/errors.ts";
import type { FetchOptions, TimeSeries, TimeSeriesRequest } from "./provider.ts";
import { describeCredits } from "./progress.ts";
import { affordable, type Run, seriesKey } from "./record.ts";
import { executeStep, type FetchedPage, skipStep, type StepTarget } from "./step.ts";
import { listWatchedSeries, type Watch, type WatchedSeries } from "./watchlist.ts";
import { creditsDue, fitShare, isDue, planLoads, shareOfDay } from "./window.ts";

type Answer = TimeSeries | TransientError | TerminalError;

/**
 * Loads every due series of the watchlist and records a step for each. Series whose market is closed are
 * left alone; refused ones are recorded as skipped.
 *
 * @param options.isShared whether the later runs of the day must have their part of its credits too
 * @returns the error that stopped it before the last series; null when there was none
 */
export async function loadFresh(
  run: Run,
  watch: Watch,
  { isShared = false }: { isShared?: boolean } = {},
): Promise<Error | null> {
  const { deps } = run;
  const all = await listWatchedSeries(deps.database.sql, deps.source, watch);
  const asked: WatchedSeries[] = [];
  for (const series of all) {
    const refusal = run.refused.get(seriesKey(series.symbol, series.interval));
    if (refusal && isInForce(refusal, deps.now())) await skipStep(run, targetOf(series), refusal);
    else asked.push(series);
  }
  const due = asked.filter((series) => isDue(series, deps.now()));
  if (due.length < asked.length) {
    run.notes.push(
      `Series with nothing new, as their markets are closed: ${asked.length - due.length}`,
    );
  }
  const most = isShared ? await shareOfCredits(run, asked, due.length) : due.length;
  if (most < due.length) {
    run.notes.push(
      `Series that wait for a later run, so that the day's credits last: ${due.length - most}`,
    );
  }
  const progress = { done: 0, total: most };
  for (const { series, requests } of fitShare(planLoads(due, deps.now()), most)) {
    let rest = series;
    while (rest.length > 0) {
      deps.signal?.throwIfAborted();
      await show(run, progress, rest[0]!);
      const count = await onceMore(() =>
        affordable(run, requests.length > 1 ? 1 : rest.length, "fresh")
      );
      if (count instanceof TerminalError) return count;
      const batch = rest.slice(0, count);
      rest = rest.slice(count);
      const error = await loadBatch(run, batch, requests, progress);
      if (error) return error;
    }
  }
  deps.onProgress?.({ done: most, total: most, label: "done" });
  return null;
}

/** Steps done, of how many. */
interface Progress {
  done: number;
  total: number;
}

async function show(
  { deps }: Run,
  { done, total }: Progress,
  { symbol, interval }: WatchedSeries,
): Promise<void> {
  if (!deps.onProgress) return;
  const detail = await describeCredits(deps.credits, total - done);
  deps.onProgress({ done, total, label: `${symbol} ${interval}`, detail });
}

/** All due series, or fewer when the credits of the day do not reach for all runs that are left. */
async function shareOfCredits(run: Run, all: WatchedSeries[], due: number): Promise<number> {
  const { credits, schedule, now } = run.deps;
  const { day } = await credits.left();
  if (day === null || schedule === undefined) return due;
  return shareOfDay(due, due + creditsDue(all, schedule(now())), day);
}

/** Loads series of one interval and listing; the error that stops the run, or null. */
async function loadBatch(
  run: Run,
  batch: WatchedSeries[],
  requests: TimeSeriesRequest[],
  progress: Progress,
): Promise<Error | null> {
  const [first] = batch;
  const [request] = requests;
  if (!first || !request) return null;
  if (batch.length === 1) return await loadOne(run, first, requests, progress);
  const { deps } = run;
  const startedAt = deps.now();
  const spentBefore = deps.credits.spent;
  const answers = await fetchBatch(run, batch, request);
  if (answers instanceof Error) {
    // What is wrong with one symbol must not keep the others: each is asked alone.
    for (const series of batch) {
      const error = answers.stopsRun ? answers : await loadOne(run, series, requests, progress);
      if (error) return error;
    }
    return null;
  }
  const spent = deps.credits.spent - spentBefore;
  for (const [index, series] of batch.entries()) {
    // Repeated attempts are spread over the batch, what does not divide falls to the first.
    const each = Math.floor(spent / batch.length);
    const credits = index === 0 ? spent - each * (batch.length - 1) : each;
    const answer = answers.get(series.symbol);
    if (index > 0) await show(run, progress, series);
    const step = await executeStep(run, targetOf(series, requests), async (load) => {
      if (answer instanceof Error) throw answer;
      await load({ request, series: answer!, asOf: startedAt });
    }, { startedAt, credits });
    progress.done++;
    if (step.cause instanceof TerminalError && step.cause.stopsRun) return step.cause;
  }
  return null;
}

/** The answers by symbol; a transient failure is that of every symbol, a terminal one is given back. */
async function fetchBatch(
  { deps: { provider, signal } }: Run,
  batch: WatchedSeries[],
  request: TimeSeriesRequest,
): Promise<Map<string, Answer> | TerminalError> {
  const symbols = batch.map(({ symbol }) => symbol);
  const options = { signal, micCode: batch[0]?.micCode ?? undefined };
  try {
    return await onceMore(() => provider.fetchTimeSeriesBatch(symbols, request, options));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TerminalError) return error;
    if (!(error instanceof TransientError)) throw error;
    return new Map(symbols.map((symbol) => [symbol, error]));
  }
}

async function loadOne(
  run: Run,
  series: WatchedSeries,
  requests: TimeSeriesRequest[],
  progress: Progress,
): Promise<Error | null> {
  const options = { signal: run.deps.signal, micCode: series.micCode ?? undefined };
  const step = await executeStep(run, targetOf(series, requests), async (load) => {
    for await (const page of fetchPages(run, series.symbol, requests, options)) await load(page);
  });
  progress.done++;
  return step.cause instanceof TerminalError && step.cause.stopsRun ? step.cause : null;
}

/**
 * The answers to the requests, oldest first. Where there are several, all is asked for at once before:
 * markets close and series end, so that a long window often holds no more than a page.
 */
export async function* fetchPages(
  { deps }: Run,
  symbol: string,
  requests: TimeSeriesRequest[],
  options: FetchOptions,
): AsyncGenerator<FetchedPage> {
  const fetchPage = async (request: TimeSeriesRequest): Promise<FetchedPage> => {
    const asOf = deps.now();
    const series = await deps.provider.fetchTimeSeries(symbol, request, options);
    return { request, series, asOf };
  };
  const [first, ...others] = requests;
  if (first && others.length > 0) {
    const all = await fetchPage({ ...first, end: others.at(-1)?.end });
    const { rows, rejects } = all.series;
    if (rows.length + rejects.length < first.outputSize) return yield all;
  }
  for (const request of requests) yield await fetchPage(request);
}

function targetOf(series: WatchedSeries, requests: TimeSeriesRequest[] = []): StepTarget {
  const { symbol, interval, instrument } = series;
  const from = requests[0]?.start;
  const to = requests.at(-1)?.end;
  return {
    symbol,
    interval,
    instrument,
    purpose: "fresh",
    window: from && to ? { from, to } : null,
  };
}

function isInForce({ askAgainAt }: Refusal, now: Date): boolean {
  return askAgainAt === null || askAgainAt > now;
}

/** Whoever hosts the embedded database may have ended: the next query finds the new host. */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  return await work().catch((error) => {
    if (!isConnectionLost(error)) throw error;
    return work();
  });
}
