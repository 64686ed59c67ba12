/** One step of a run: pages of one series are stored as they come, and what became of it is recorded. */
import { loadCandles, type LoadCounts } from "../db/candles.ts";
import type { Sql } from "../db/connect.ts";
import { isConnectionLost } from "../db/errors.ts";
import { upsertInstrument } from "../db/instruments.ts";
import { clearRefusal, recordRefusal, type Refusal } from "../db/refusals.ts";
import { recordStep, type StepInput, type StepPurpose } from "../db/runs.ts";
import { TerminalError, TransientError } from "../market/errors.ts";
import { type Instrument, slugOfSymbol } from "../market/instrument.ts";
import { type Interval, intervalDurationMs } from "../market/interval.ts";
import { sessionOf } from "../market/session.ts";
import { normalizeCandles, type NormalizedRows } from "./normalize.ts";
import type { SeriesMeta, TimeSeries, TimeSeriesRequest } from "./provider.ts";
import { type Run, seriesKey } from "./record.ts";

/** A step as it was recorded, with the error itself. */
export interface StepReport extends StepInput {
  cause: Error | null;
}

/** The series of a step and what is asked for it. */
export interface StepTarget {
  symbol: string;
  interval: Interval;
  purpose: StepPurpose;
  /** Null until its first load. */
  instrument: Instrument | null;
  /** What is asked for; null: the newest candles of a first load. */
  window: { from: Date; to: Date } | null;
}

/** What the provider answered to one request. */
export interface FetchedPage {
  request: TimeSeriesRequest;
  series: TimeSeries;
  /** When it was asked: what forms while the answer travels must not be taken as final. */
  asOf: Date;
  /** The provider has nothing older than this page. */
  isHistoryExhausted?: true;
  /** What must commit with the page. */
  alongside?: (tx: Sql) => Promise<void>;
}

/** Stores a page; the promise is fulfilled once it is committed. */
export type LoadPage = (page: FetchedPage) => Promise<void>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** A page of hourly candles of a stock reaches back five times as far as one of a coin; closures add to it. */
const FARTHEST_REACH = 10;

/** Why a step that had stored pages did not come to its end. */
const STOPPED = Object.assign(new Error("stopped before its end"), { reason: "stopped" as const });

/**
 * Runs the work of one step and records it. An error of the provider is the step's; any other (the
 * database's, an abort) is thrown. Whoever hosts the embedded database may have ended: work that lost its
 * connection is done once more, which changes nothing that it had stored.
 *
 * @param work stores its pages with the function that it is given
 * @param shared when the step was part of a batch: what it took of the batch's time and credits
 */
export async function executeStep(
  run: Run,
  target: StepTarget,
  work: (load: LoadPage) => Promise<void>,
  shared?: { startedAt: Date; credits: number },
): Promise<StepReport> {
  const { deps } = run;
  const startedAt = shared?.startedAt ?? deps.now();
  const spentBefore = deps.credits.spent;
  let instrument = target.instrument;
  let sums = { pages: 0, fetched: 0, inserted: 0, updated: 0, revised: 0, rejected: 0 };
  const load: LoadPage = async (page) => {
    const loaded = await loadPage(run, target, page);
    instrument = loaded?.instrument ?? instrument;
    sums.pages++;
    sums.fetched += loaded?.fetched ?? 0;
    for (const key of ["inserted", "updated", "revised", "rejected"] as const) {
      sums[key] += loaded?.counts[key] ?? 0;
    }
  };
  let cause: TransientError | TerminalError | typeof STOPPED | null = null;
  try {
    await work(load).catch(async (error) => {
      if (!isConnectionLost(error)) throw error;
      sums = { ...sums, pages: 0, fetched: 0 };
      await work(load);
    });
  } catch (error) {
    const isStopped = deps.signal?.aborted === true;
    const isProviders = error instanceof TransientError || error instanceof TerminalError;
    if (!isProviders && !(isStopped && sums.pages > 0)) throw error;
    cause = isProviders ? error : STOPPED;
  }
  const isEmpty = sums.pages > 0 && sums.fetched === 0 && sums.rejected === 0;
  const step = await finishStep(run, {
    instrumentId: instrument?.id ?? null,
    symbol: target.symbol,
    candleInterval: target.interval,
    purpose: target.purpose,
    status: cause ? "failed" : "ok",
    reason: cause?.reason ?? (isEmpty ? "no_data" : null),
    windowFrom: target.window?.from ?? null,
    windowTo: target.window?.to ?? null,
    candlesFetched: sums.fetched,
    candlesInserted: sums.inserted,
    candlesUpdated: sums.updated,
    candlesRevised: sums.revised,
    rowsRejected: sums.rejected,
    credits: shared?.credits ?? deps.credits.spent - spentBefore,
    durationMs: deps.now().getTime() - startedAt.getTime(),
    error: cause?.message ?? null,
    finishedAt: deps.now(),
    cause,
  });
  deps.signal?.throwIfAborted();
  return step;
}

/** Records that a series is not asked for, as the provider refuses it. */
export async function skipStep(
  run: Run,
  target: StepTarget,
  refusal: Refusal,
): Promise<StepReport> {
  const now = run.deps.now();
  return await finishStep(run, {
    instrumentId: target.instrument?.id ?? null,
    symbol: target.symbol,
    candleInterval: target.interval,
    purpose: target.purpose,
    status: "skipped",
    reason: refusal.reason,
    windowFrom: null,
    windowTo: null,
    candlesFetched: 0,
    candlesInserted: 0,
    candlesUpdated: 0,
    candlesRevised: 0,
    rowsRejected: 0,
    credits: 0,
    durationMs: 0,
    error: refusal.message,
    finishedAt: now,
    cause: null,
  });
}

async function finishStep(run: Run, step: StepReport): Promise<StepReport> {
  const { sql } = run.deps.database;
  await noteRefusal(run, step);
  const { cause: _, ...input } = step;
  await recordStep(sql, run.id, input);
  run.steps.push(step);
  return step;
}

/** A plan gate stays until someone asks again; a symbol may become known, so it is tried after a day. */
async function noteRefusal({ deps, refused }: Run, step: StepReport): Promise<void> {
  const { database: { sql }, source, now } = deps;
  // A plan may refuse old candles, or one window, of a series whose new ones it gives.
  if (step.purpose !== "fresh") return;
  const { symbol, candleInterval, cause } = step;
  const key = seriesKey(symbol, candleInterval);
  if (step.status === "ok" && refused.has(key)) {
    await clearRefusal(sql, source, symbol, candleInterval);
    refused.delete(key);
  }
  if (!(cause instanceof TerminalError) || !isRefusal(cause.reason)) return;
  const isGate = cause.reason === "symbol_plan" || cause.reason === "endpoint_plan";
  const refusal: Refusal = {
    symbol,
    candleInterval,
    reason: cause.reason,
    message: cause.message,
    plan: cause.plan ?? null,
    refusedAt: now(),
    askAgainAt: isGate ? null : new Date(now().getTime() + DAY_MS),
  };
  await recordRefusal(sql, source, refusal);
  refused.set(key, refusal);
}

function isRefusal(reason: string): reason is Refusal["reason"] {
  return ["symbol_plan", "endpoint_plan", "unknown_symbol", "bad_request"].includes(reason);
}

/** Stores a page; null when it has no data, as the provider then says nothing of the instrument. */
async function loadPage(
  { deps, id: runId }: Run,
  target: StepTarget,
  page: FetchedPage,
): Promise<{ instrument: Instrument; fetched: number; counts: LoadCounts } | null> {
  const { symbol, interval, instrument: known } = target;
  const { request, series, asOf } = page;
  const hasNothing = series.meta === null && !page.alongside && !page.isHistoryExhausted;
  if (hasNothing) return null;
  const instrument = series.meta === null
    ? known
    : await storeInstrument(deps, symbol, series.meta);
  if (instrument === null) return null;
  const session = sessionOf(instrument.kind, instrument.exchangeTimezone);
  const { start, end } = request;
  const normalized = normalizeCandles(series.rows, { interval, session, asOf, start, end });
  const { candles, rejects, coveredFrom } = missingOnly(target, {
    ...normalized,
    rejects: [...series.rejects, ...normalized.rejects],
    coveredFrom: oldestAnswered(normalized.coveredFrom, page),
  });
  const counts = await loadCandles(deps.database, {
    instrumentId: instrument.id,
    interval,
    candles,
    rejects,
    coveredFrom,
    isHistoryExhausted: page.isHistoryExhausted,
    alongside: page.alongside,
    runId,
    loadedAt: asOf,
  });
  return { instrument, fetched: candles.length, counts };
}

/** Around a gap more is asked for than is missing, to judge it by its neighbours: those stay as they are. */
function missingOnly({ purpose, window }: StepTarget, rows: NormalizedRows): NormalizedRows {
  if (purpose !== "gap" || window === null) return rows;
  const isMissing = ({ openedAt }: { openedAt: Date | null }) =>
    openedAt === null || (openedAt >= window.from && openedAt <= window.to);
  return {
    candles: rows.candles.filter(isMissing),
    rejects: rows.rejects.filter(isMissing),
    coveredFrom: null,
  };
}

/**
 * The oldest open time that the page answered, malformed rows included, so that what they should have been
 * shows as a gap. A time that no page could reach back to is as malformed as its row.
 */
function oldestAnswered(oldest: Date | null, { request, series, asOf }: FetchedPage): Date | null {
  const reachMs = FARTHEST_REACH * request.outputSize * intervalDurationMs(request.interval);
  const from = request.start ?? new Date(asOf.getTime() - reachMs);
  return series.rejects.reduce((oldest, { openedAt }) => {
    if (openedAt === null || openedAt < from) return oldest;
    return oldest === null || openedAt < oldest ? openedAt : oldest;
  }, oldest);
}

async function storeInstrument(
  { database: { sql }, source, now }: Run["deps"],
  symbol: string,
  meta: SeriesMeta,
): Promise<Instrument> {
  const session = sessionOf(meta.kind, meta.exchangeTimezone);
  return await upsertInstrument(sql, {
    source,
    symbol,
    slug: slugOfSymbol(symbol),
    name: meta.currencyBase && meta.currencyQuote
      ? `${meta.currencyBase} / ${meta.currencyQuote}`
      : null,
    ...meta,
    sessionCloses: session.name === "us_stocks" ? session.closes : null,
  }, now());
}
