/** Missing candles are asked for again; what the provider does not have either is remembered. */
import { type Gap, listGaps, recordEmptyGap, REPAIRED_DAYS } from "../db/gaps.ts";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { listRejectedSpans } from "../db/series.ts";
import { TerminalError } from "../market/errors.ts";
import { intervalDurationMs } from "../market/interval.ts";
import { fetchPages } from "./fresh.ts";
import { describeCredits } from "./progress.ts";
import type { TimeSeriesRequest } from "./provider.ts";
import {
  affordable,
  recordRun,
  type Run,
  type RunDependencies,
  type RunReport,
  seriesKey,
} from "./record.ts";
import { executeStep } from "./step.ts";
import { tileWindow } from "./window.ts";

/** With the candles around them still a page. */
const MERGED_CANDLES = 900;
/** Before and after a gap: over a weekend and more, some candles at least, and still one page. */
const AROUND = { days: 4, fewest: 10, most: 2000 };
const DAY_MS = 24 * 60 * 60 * 1000;
/** For how long a rejected row makes a scheduled run look for its candle, wherever that lies. */
const REJECTED_DAYS = 30;
/** How many days with rejected rows one run looks through. */
const REJECTED_SPANS = 50;

/**
 * A run that asks for the gaps, whether or not the provider had nothing before.
 * @throws as `runEtl`
 */
export async function repairGaps(deps: RunDependencies, gaps: Gap[]): Promise<RunReport> {
  return await recordRun(deps, "repair", async (run) => {
    const merged = mergeGaps(gaps);
    for (const [done, gap] of merged.entries()) {
      const label = seriesKey(gap.symbol, gap.candleInterval);
      const detail = deps.onProgress && await describeCredits(deps.credits, merged.length - done);
      deps.onProgress?.({ done, total: merged.length, label, detail });
      const error = await repairGap(run, gap);
      if (error) return error;
    }
    deps.onProgress?.({ done: merged.length, total: merged.length, label: "done" });
    return null;
  });
}

/**
 * Asks for what is missing of the last days, and for the candles of rejected rows, that is due to be asked
 * for. What lies further back is for {@linkcode repairGaps}: looking for it costs more the more is stored.
 *
 * @returns the error that stopped it; null when it went through or `until` came
 */
export async function repairRecentGaps(run: Run, until: Date): Promise<Error | null> {
  const { database: { sql }, source, now } = run.deps;
  const daysAgo = (days: number) => new Date(now().getTime() - days * DAY_MS);
  const gaps = new Map<string, Gap>();
  const add = (found: Gap[]) => {
    for (const gap of found) {
      gaps.set(`${seriesKey(gap.symbol, gap.candleInterval)} ${gap.openedTo.getTime()}`, gap);
    }
  };
  const common = { source, now: now(), to: now(), isDue: true } as const;
  const spans = { since: daysAgo(REJECTED_DAYS), limit: REJECTED_SPANS };
  for (const span of await listRejectedSpans(sql, source, spans)) {
    if (span.oldestAt >= daysAgo(REPAIRED_DAYS)) continue;
    add(
      await listGaps(sql, {
        ...common,
        from: span.oldestAt,
        to: justAfter(span.newestAt),
        symbols: [span.symbol],
        intervals: [span.candleInterval],
      }),
    );
  }
  add(await listGaps(sql, { ...common, from: daysAgo(REPAIRED_DAYS) }));
  for (const gap of mergeGaps([...gaps.values()])) {
    if (now() >= until) return null;
    const error = await repairGap(run, gap);
    if (error) return error;
  }
  return null;
}

/** Gaps of a series that one request can ask for are one, from the first missing candle to the last. */
export function mergeGaps(gaps: readonly Gap[]): Gap[] {
  const series = Object.groupBy(gaps, (gap) => seriesKey(gap.symbol, gap.candleInterval));
  return Object.values(series).flatMap((own = []) => {
    const merged: Gap[] = [];
    for (const gap of own.toSorted((a, b) => a.openedFrom.getTime() - b.openedFrom.getTime())) {
      const last = merged.at(-1);
      const spanMs = last ? gap.openedTo.getTime() - last.openedFrom.getTime() : Infinity;
      if (last && spanMs <= MERGED_CANDLES * intervalDurationMs(gap.candleInterval)) {
        last.openedTo = gap.openedTo;
        last.missing += gap.missing;
      } else merged.push({ ...gap });
    }
    return merged.reverse();
  });
}

/** Asks for one gap and remembers what is still missing; answers the error that stops the run, or null. */
export async function repairGap(run: Run, gap: Gap): Promise<Error | null> {
  const { deps } = run;
  const { database: { sql }, source, signal } = deps;
  deps.signal?.throwIfAborted();
  if (run.refused.has(seriesKey(gap.symbol, gap.candleInterval))) return null;
  const instrument = await getInstrumentBySymbol(sql, source, gap.symbol);
  if (!instrument) return null;
  const count = await affordable(run, 1, "history");
  if (count instanceof TerminalError) return count;
  const requests = requestsFor(gap, deps.now());
  const step = await executeStep(run, {
    symbol: gap.symbol,
    interval: gap.candleInterval,
    purpose: "gap",
    instrument,
    window: { from: gap.openedFrom, to: gap.openedTo },
  }, async (load) => {
    const options = {
      signal,
      priority: "history",
      ownRunId: run.id,
      micCode: instrument.pinnedMicCode ?? undefined,
    } as const;
    for await (const page of fetchPages(run, gap.symbol, requests, options)) await load(page);
  });
  if (step.cause instanceof TerminalError && step.cause.stopsRun) return step.cause;
  // A new reject may pass the next time; the same one again is the provider's last word for now.
  if (step.status === "ok" && step.rowsRejected === 0) await rememberRest(run, gap);
  return null;
}

/** The gap with candles around it: alone, a bad tick would have no neighbours to be told by. */
function requestsFor(
  { candleInterval, openedFrom, openedTo }: Gap,
  now: Date,
): TimeSeriesRequest[] {
  const candleMs = intervalDurationMs(candleInterval);
  const aroundMs = Math.min(
    Math.max(AROUND.days * DAY_MS, AROUND.fewest * candleMs),
    AROUND.most * candleMs,
  );
  const from = new Date(openedFrom.getTime() - aroundMs);
  const to = new Date(Math.min(openedTo.getTime() + aroundMs, now.getTime()));
  return tileWindow(candleInterval, from, to);
}

async function rememberRest({ deps }: Run, gap: Gap): Promise<void> {
  const { database: { sql }, source, now } = deps;
  const rest = await listGaps(sql, {
    source,
    symbols: [gap.symbol],
    intervals: [gap.candleInterval],
    from: gap.openedFrom,
    to: justAfter(gap.openedTo),
    now: now(),
  });
  for (const empty of rest) await recordEmptyGap(sql, empty, now());
}

/** An end that is not included, so that what opened at the instant counts. */
function justAfter(instant: Date): Date {
  return new Date(instant.getTime() + 1);
}
