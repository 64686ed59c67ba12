/** One step of a run: everything that is new of one series, page by page. */
import { getSeriesState, loadCandles, type LoadCounts } from "../db/candles.ts";
import { getInstrumentBySymbol, upsertInstrument } from "../db/instruments.ts";
import { recordStep, type StepInput } from "../db/runs.ts";
import { TerminalError, TransientError } from "../market/errors.ts";
import { type Instrument, slugOfSymbol } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { sessionOf } from "../market/session.ts";
import { normalizeCandles } from "./normalize.ts";
import type { SeriesMeta, TimeSeries, TimeSeriesRequest } from "./provider.ts";
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
  const spentBefore = deps.budget.spent;
  let cause: Error | null = null;
  try {
    for await (const page of fetchPages(deps, target.symbol, requests)) {
      const loaded = await loadPage(deps, target, page);
      if (loaded === null) continue;
      instrument = loaded.instrument;
      candlesFetched += loaded.candlesFetched;
      for (const key of Object.keys(counts) as (keyof LoadCounts)[]) {
        counts[key] += loaded.counts[key];
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
    credits: deps.budget.spent - spentBefore,
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    error: cause?.message ?? null,
    finishedAt,
  };
  await recordStep(sql, target.runId, step);
  return { ...step, cause };
}

/** What the provider answered to one request. */
interface FetchedPage {
  request: TimeSeriesRequest;
  series: TimeSeries;
  /** When it was asked: what forms while the answer travels must not be taken as final. */
  asOf: Date;
}

/**
 * The answers to the requests, oldest first. Where there are several, all is asked for at once before:
 * markets close and series end, so that a long window often holds no more than a page.
 */
async function* fetchPages(
  deps: RunDependencies,
  symbol: string,
  requests: TimeSeriesRequest[],
): AsyncGenerator<FetchedPage> {
  const fetchPage = async (request: TimeSeriesRequest): Promise<FetchedPage> => {
    const asOf = deps.now();
    const series = await deps.provider.fetchTimeSeries(symbol, request, deps.signal);
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

/** Stores a page; null when it has no data, as the provider then says nothing of the instrument. */
async function loadPage(
  deps: RunDependencies,
  { symbol, interval, runId }: StepTarget,
  { request: { start, end }, series, asOf }: FetchedPage,
): Promise<{ instrument: Instrument; candlesFetched: number; counts: LoadCounts } | null> {
  if (series.meta === null) return null;
  const instrument = await storeInstrument(deps, symbol, series.meta);
  const session = sessionOf(instrument.kind, instrument.exchangeTimezone);
  const { candles, rejects } = normalizeCandles(series.rows, {
    interval,
    session,
    asOf,
    start,
    end,
  });
  const counts = await loadCandles(deps.database.sql, {
    instrumentId: instrument.id,
    interval,
    candles,
    rejects: [...series.rejects, ...rejects],
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
