/** One step of a run: everything that is new of one series, page by page. */
import { getSeriesState, loadCandles, type LoadCounts } from "../db/candles.ts";
import { getInstrumentBySymbol, upsertInstrument } from "../db/instruments.ts";
import { recordStep, type StepInput } from "../db/runs.ts";
import { TerminalError, TransientError } from "../market/errors.ts";
import { type Instrument, slugOfSymbol } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { sessionOf } from "../market/session.ts";
import { normalizeCandles } from "./normalize.ts";
import type { SeriesMeta, TimeSeriesRequest } from "./provider.ts";
import type { RunDependencies } from "./run.ts";
import { planRequests } from "./window.ts";

/** A step as it was recorded, with the error itself. */
export interface StepReport extends StepInput {
  cause: Error | null;
}

interface StepTarget {
  symbol: string;
  interval: Interval;
  runId: number;
}

/**
 * Loads one series and records the step. An error of the provider is the step's; any other (the
 * database's, an abort) is thrown.
 */
export async function runStep(deps: RunDependencies, target: StepTarget): Promise<StepReport> {
  const { database: { sql }, source, now } = deps;
  const startedAt = now();
  let instrument = await getInstrumentBySymbol(sql, source, target.symbol);
  const state = instrument && await getSeriesState(sql, instrument.id, target.interval);
  const series = { interval: target.interval, rereadFrom: state?.rereadFrom ?? null };
  const requests = planRequests(series, startedAt);
  const counts: LoadCounts = { inserted: 0, updated: 0, revised: 0, rejected: 0 };
  let candlesFetched = 0;
  let credits = 0;
  let cause: Error | null = null;
  try {
    for (const request of requests) {
      await deps.budget.take(deps.signal);
      credits++;
      const page = await loadPage(deps, target, instrument, request);
      instrument = page.instrument;
      candlesFetched += page.candlesFetched;
      for (const key of Object.keys(counts) as (keyof LoadCounts)[]) {
        counts[key] += page.counts[key];
      }
    }
  } catch (error) {
    deps.signal?.throwIfAborted();
    if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
    cause = error;
  }
  const finishedAt = now();
  const step: StepInput = {
    instrumentId: instrument?.id ?? null,
    symbol: target.symbol,
    candleInterval: target.interval,
    status: cause ? "failed" : "ok",
    windowFrom: requests[0]?.start ?? null,
    windowTo: requests.at(-1)?.end ?? null,
    candlesFetched,
    candlesInserted: counts.inserted,
    candlesUpdated: counts.updated,
    candlesRevised: counts.revised,
    rowsRejected: counts.rejected,
    credits,
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    error: cause?.message ?? null,
    finishedAt,
  };
  await recordStep(sql, target.runId, step);
  return { ...step, cause };
}

const NOTHING: LoadCounts = { inserted: 0, updated: 0, revised: 0, rejected: 0 };

async function loadPage(
  deps: RunDependencies,
  { symbol, interval, runId }: StepTarget,
  known: Instrument | null,
  request: TimeSeriesRequest,
): Promise<{ instrument: Instrument | null; candlesFetched: number; counts: LoadCounts }> {
  const { database: { sql }, provider, now } = deps;
  // Asked before the answer: what forms while the answer travels must not be taken as final.
  const asOf = now();
  const page = await provider.fetchTimeSeries(symbol, request, deps.signal);
  if (page.meta === null) return { instrument: known, candlesFetched: 0, counts: NOTHING };
  const instrument = await storeInstrument(deps, symbol, page.meta);
  const session = sessionOf(instrument.kind, instrument.exchangeTimezone);
  const { start, end } = request;
  const { candles, rejects } = normalizeCandles(page.rows, { interval, session, asOf, start, end });
  const counts = await loadCandles(sql, {
    instrumentId: instrument.id,
    interval,
    candles,
    rejects: [...page.rejects, ...rejects],
    runId,
    loadedAt: asOf,
  });
  return { instrument, candlesFetched: candles.length, counts };
}

async function storeInstrument(
  { database: { sql }, source, now }: RunDependencies,
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
