/** How everything stands: series, credits, backfills, the last runs, and what needs a person. */
import { DAY_MS } from "../market/holidays.ts";
import type { Source } from "../market/instrument.ts";
import { type Interval, intervalDurationMs } from "../market/interval.ts";
import { sessionOf } from "../market/session.ts";
import { type AttentionItem, listAttention, RECENT_DAYS } from "./attention.ts";
import { countRequestsLeft } from "./backfill_cost.ts";
import { listUnfinishedBackfills } from "./backfills.ts";
import type { Sql } from "./connect.ts";
import { listCreditWindows } from "./credits.ts";
import { listFreshness, type SeriesFreshness } from "./freshness.ts";
import { listGaps } from "./gaps.ts";
import { listInstruments } from "./instruments.ts";
import { listRefusals, type Refusal } from "./refusals.ts";
import { countRejects } from "./rejects.ts";
import { getRun, listRuns, RUN_LOCKS, type RunRow, type RunTrigger } from "./runs.ts";
import { listSuspectedSplits, type SuspectedSplit } from "./splits.ts";

/** One series: what is stored of it, or why nothing is. Times UTC. */
export interface SeriesStatus extends Omit<SeriesFreshness, "slug" | "oldestAt"> {
  /** Null when the provider never named the instrument. */
  slug: string | null;
  /** Open time of the oldest candle; null when there is none. */
  oldestAt: Date | null;
  /** Why it is not asked for; null when it is. */
  refusal: Refusal | null;
}

/** A window of history that is not loaded to its begin. */
export interface BackfillStatus {
  id: number;
  symbol: string;
  candleInterval: Interval;
  wantedFrom: Date;
  wantedTo: Date;
  /** All from here to the end is loaded. */
  reachedAt: Date;
  /** Of the window's time, 0 to 100. */
  percent: number;
  /** Requests, of one credit each, that the rest will take, as far as can be known. */
  requestsLeft: number;
}

/** The credits that the provider's plan grants. */
export interface CreditPlan {
  perMinute: number;
  /** Null without a daily cap. */
  perDay: number | null;
}

/** Credits spent, of those that the plan grants; fewer a minute where the provider said so today. */
export interface CreditStatus extends CreditPlan {
  spentLastMinute: number;
  /** Since 00:00 UTC. */
  spentToday: number;
  /** The next 00:00 UTC. */
  dayResetsAt: Date;
}

/** When so many more credits will be spent by one who asks for nothing else. */
export type EstimateEnd = (credits: number) => Promise<Date>;

export interface Status {
  source: Source;
  /** When all this was so. */
  asOf: Date;
  series: SeriesStatus[];
  /** Null where no plan counts: the built-in simulator grants what is asked. */
  credits: CreditStatus | null;
  /** What is missing of the last {@linkcode RECENT_DAYS} days and was not confirmed to be empty. */
  gaps: { gaps: number; candles: number };
  /** Of the last {@linkcode SPLIT_DAYS} days. */
  suspectedSplits: SuspectedSplit[];
  /** Rejects that nobody has accepted: of all time, and met in the last {@linkcode RECENT_DAYS} days. */
  rejects: { all: number; recent: number };
  backfills: BackfillStatus[];
  /** When the last of them is done if nothing else spends credits; null where no plan counts or none is left. */
  backfillsEndAt: Date | null;
  /** The newest first. */
  runs: RunRow[];
  /** The newest run over the watchlist that has ended, however many runs of other kinds came after it. */
  lastScheduledRun: RunRow | null;
  attention: AttentionItem[];
}

const RUNS = 5;
/** Over the longest holidays somebody still sees it. */
const SPLIT_DAYS = 30;
const MINUTE_MS = 60_000;

/**
 * The status of a source. It costs the same however many candles are stored.
 * @param plan what the settings say that the plan grants; null where none counts
 * @param estimateEnd when so many more credits will be spent, at best; null where no plan counts
 */
export async function getStatus(
  sql: Sql,
  source: Source,
  now: Date,
  plan: CreditPlan | null,
  estimateEnd: EstimateEnd | null,
): Promise<Status> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const seen = {
    series: await listSeries(sql, source, now),
    gaps: await countGaps(sql, source, daysAgo(RECENT_DAYS), now),
    suspectedSplits: await listSuspectedSplits(sql, source, { since: daysAgo(SPLIT_DAYS) }),
    rejects: await countRejects(sql, source, daysAgo(RECENT_DAYS)),
    runs: await listRuns(sql, source, RUNS),
    lastScheduledRun: await getLastScheduledRun(sql, source),
  };
  const backfills = await listBackfills(sql, source);
  const requestsLeft = backfills.reduce((sum, each) => sum + each.requestsLeft, 0);
  return {
    source,
    asOf: now,
    ...seen,
    credits: plan && await getCredits(sql, source, now, plan),
    backfills,
    backfillsEndAt: estimateEnd && requestsLeft > 0 ? await estimateEnd(requestsLeft) : null,
    attention: listAttention(seen),
  };
}

async function getCredits(
  sql: Sql,
  source: Source,
  now: Date,
  plan: CreditPlan,
): Promise<CreditStatus> {
  const today = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const { minutes, days } = await listCreditWindows(sql, source, today);
  const day = days.find(({ startedAt }) => startedAt.getTime() === today.getTime());
  const lastMinute = minutes.filter(({ startedAt, answeredAt }) =>
    (answeredAt ?? startedAt).getTime() > now.getTime() - MINUTE_MS
  );
  return {
    spentLastMinute: lastMinute.reduce((sum, { credits }) => sum + credits, 0),
    perMinute: Math.min(plan.perMinute, day?.toldPerMinute ?? Infinity),
    spentToday: day?.credits ?? 0,
    perDay: plan.perDay,
    dayResetsAt: new Date(today.getTime() + DAY_MS),
  };
}

async function getLastScheduledRun(sql: Sql, source: Source): Promise<RunRow | null> {
  const triggers = Object.keys(RUN_LOCKS) as RunTrigger[];
  const scheduled = triggers.filter((trigger) => RUN_LOCKS[trigger] === "etl");
  const [last] = await sql<{ id: number }[]>`
    select id from market.runs
    where source = ${source} and trigger = any(${scheduled}) and status <> 'running'
    order by started_at desc, id desc
    limit 1`;
  return last ? await getRun(sql, source, last.id) : null;
}

async function countGaps(sql: Sql, source: Source, from: Date, now: Date): Promise<Status["gaps"]> {
  const gaps = await listGaps(sql, { source, from, to: now, isDue: true, now });
  return { gaps: gaps.length, candles: gaps.reduce((sum, { missing }) => sum + missing, 0) };
}

async function listSeries(sql: Sql, source: Source, now: Date): Promise<SeriesStatus[]> {
  const refusals = await listRefusals(sql, source);
  const stored = (await listFreshness(sql, source, now)).map((series) => ({
    ...series,
    refusal:
      refusals.find((refusal) =>
        refusal.symbol === series.symbol && refusal.candleInterval === series.candleInterval
      ) ?? null,
  }));
  // A series may be refused before its first candle.
  const neverStored = refusals.filter((refusal) =>
    !stored.some((series) => series.refusal === refusal)
  );
  return [
    ...stored,
    ...neverStored.map((refusal): SeriesStatus => ({
      symbol: refusal.symbol,
      slug: null,
      candleInterval: refusal.candleInterval,
      newestFinalAt: null,
      ageMs: null,
      freshness: "empty",
      oldestAt: null,
      isHistoryExhausted: false,
      refusal,
    })),
  ].sort((a, b) =>
    a.symbol.localeCompare(b.symbol) ||
    intervalDurationMs(a.candleInterval) - intervalDurationMs(b.candleInterval)
  );
}

async function listBackfills(sql: Sql, source: Source): Promise<BackfillStatus[]> {
  const instruments = await listInstruments(sql, source);
  const statuses: BackfillStatus[] = [];
  for (const backfill of await listUnfinishedBackfills(sql, source)) {
    const { id, symbol, candleInterval, wantedFrom, wantedTo, reachedAt } = backfill;
    const instrument = instruments.find((each) => each.id === backfill.instrumentId);
    if (!instrument) continue;
    const session = sessionOf(instrument.kind, instrument.exchangeTimezone);
    const wholeMs = wantedTo.getTime() - wantedFrom.getTime();
    statuses.push({
      id,
      symbol,
      candleInterval,
      wantedFrom,
      wantedTo,
      reachedAt,
      percent: 100 * (wantedTo.getTime() - reachedAt.getTime()) / wholeMs,
      requestsLeft: await countRequestsLeft(sql, backfill, session),
    });
  }
  return statuses;
}
