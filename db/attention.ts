/** What of a status needs a person, in words for the page and the terminal. Pure. */
import type { Refusal } from "./refusals.ts";
import type { RunRow } from "./runs.ts";
import type { SuspectedSplit } from "./splits.ts";
import type { SeriesStatus, Status } from "./status.ts";

/** Gaps and rejects that are older are not news; their own pages and commands list them all. */
export const RECENT_DAYS = 7;

/** One thing that needs a person. */
export interface AttentionItem {
  kind: "run" | "empty" | "refused" | "stale" | "gaps" | "split" | "rejects";
  /** What it is about: `AAPL 1h`, `Run #12`. */
  subject: string;
  /** What is the matter with it, to stand behind the subject and a colon. */
  problem: string;
  /** Since when, as far as that is known. */
  since: Date | null;
  /** The command that mends it; null when there is none. */
  command: string | null;
}

type Seen = Pick<
  Status,
  "series" | "gaps" | "suspectedSplits" | "rejects" | "runs" | "lastScheduledRun"
>;

/** Names in one sentence; the rest is a number. */
const MOST_NAMES = 5;
const LAST_DAYS = `Last ${RECENT_DAYS} days`;

/** Everything that needs a person, the most urgent first; empty when all is well. */
export function listAttention(seen: Seen): AttentionItem[] {
  return [
    ...failedRuns(seen),
    ...nothingLoaded(seen),
    ...refusedSeries(seen.series),
    ...staleSeries(seen.series),
    ...openGaps(seen.gaps),
    ...suspectedSplits(seen.suspectedSplits),
    ...recentRejects(seen.rejects),
  ];
}

/** Whether candles have ended that are not there, though the provider does not refuse the series. */
export function isStale({ freshness, refusal }: SeriesStatus): boolean {
  return freshness === "stale" && refusal === null;
}

/**
 * A run under way has not failed yet; one that was cut off is made good by the next. The run over the
 * watchlist counts beside the last of any kind: an import that went well does not mend it.
 */
function failedRuns({ runs, lastScheduledRun }: Seen): AttentionItem[] {
  const items: AttentionItem[] = [];
  const last = runs.find(({ status }) => status !== "running");
  if (last?.status === "failed") items.push(runItem(last, describeFailure("the last run", last)));
  if (lastScheduledRun === null || lastScheduledRun.id === last?.id && items.length > 0) {
    return items;
  }
  const { status, stepsFailed, stepsOk, stepsSkipped } = lastScheduledRun;
  if (status === "failed") {
    items.push(
      runItem(lastScheduledRun, describeFailure("the last scheduled run", lastScheduledRun)),
    );
  } else if (status === "partial") {
    const steps = stepsFailed + stepsOk + stepsSkipped;
    items.push({
      ...runItem(
        lastScheduledRun,
        `${stepsFailed} of ${count(steps, "step")} failed in the last scheduled run`,
      ),
      command: "deno task etl",
    });
  }
  return items;
}

function describeFailure(which: string, { error }: RunRow): string {
  return `${which} failed${error ? `: ${error}` : ""}`;
}

function runItem({ id, finishedAt }: RunRow, problem: string): AttentionItem {
  return { kind: "run", subject: `Run #${id}`, problem, since: finishedAt, command: null };
}

function nothingLoaded({ series, runs }: Seen): AttentionItem[] {
  if (series.length > 0) return [];
  const isLoading = runs.some(({ status }) => status === "running");
  return [{
    kind: "empty",
    subject: "Candles",
    problem: isLoading ? "nothing is loaded yet, a run is under way" : "nothing is loaded yet",
    since: null,
    command: isLoading ? null : "deno task etl",
  }];
}

/** One item for all intervals of a symbol that are refused for the same cause. */
function refusedSeries(series: Status["series"]): AttentionItem[] {
  const refusals = series.flatMap(({ refusal }) => refusal ?? []);
  const folded = Map.groupBy(
    refusals,
    (refusal) => `${refusal.symbol}: ${describeRefusal(refusal)}`,
  );
  return [...folded.values()].map((same): AttentionItem => {
    const [first] = same as [Refusal];
    const askAgainAt = earliest(same.flatMap((each) => each.askAgainAt ?? []));
    const again = askAgainAt ? `; it is asked again after ${utcMinute(askAgainAt)} UTC` : "";
    return {
      kind: "refused",
      subject: `${first.symbol} ${same.map((each) => each.candleInterval).join(", ")}`,
      problem: describeRefusal(first) + again,
      since: earliest(same.map((each) => each.refusedAt)),
      command: `deno task etl retry ${first.symbol}`,
    };
  });
}

function describeRefusal({ reason, plan, message }: Refusal): string {
  switch (reason) {
    case "symbol_plan":
    case "endpoint_plan":
      return `not in your plan: needs ${plan === null ? "a larger one" : `the ${plan} plan`}`;
    case "unknown_symbol":
      return "the provider does not know the symbol";
    case "bad_request":
      return `the provider refuses it: ${message}`;
  }
}

function earliest(instants: Date[]): Date | null {
  return instants.length === 0 ? null : new Date(Math.min(...instants.map(Number)));
}

function utcMinute(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace("T", " ");
}

function staleSeries(series: Status["series"]): AttentionItem[] {
  const stale = series.filter(isStale);
  if (stale.length === 0) return [];
  const names = stale.slice(0, MOST_NAMES).map((each) => `${each.symbol} ${each.candleInterval}`);
  const more = stale.length > MOST_NAMES ? ` and ${stale.length - MOST_NAMES} more` : "";
  return [{
    kind: "stale",
    subject: names.join(", ") + more,
    problem: "candles have ended that are not stored",
    since: null,
    command: "deno task etl",
  }];
}

function openGaps({ gaps, candles }: Status["gaps"]): AttentionItem[] {
  if (gaps === 0) return [];
  return [{
    kind: "gaps",
    subject: LAST_DAYS,
    problem: `${count(candles, "candle")} missing, in ${count(gaps, "gap")}`,
    since: null,
    command: "deno task etl gaps --repair",
  }];
}

function suspectedSplits(splits: SuspectedSplit[]): AttentionItem[] {
  return splits.map(({ symbol, candleInterval, kind, detail, noticedOn }) => ({
    kind: "split",
    subject: `${symbol} ${candleInterval}`,
    problem: detail,
    since: new Date(noticedOn),
    command: kind === "unrecorded_split"
      ? "deno task etl import-splits FILE.csv"
      : `deno task etl backfill --symbols ${symbol} --intervals ${candleInterval} --from DATE --again`,
  }));
}

function recentRejects({ recent }: Status["rejects"]): AttentionItem[] {
  if (recent === 0) return [];
  return [{
    kind: "rejects",
    subject: LAST_DAYS,
    problem: `${count(recent, "row")} did not pass the checks`,
    since: null,
    command: null,
  }];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
