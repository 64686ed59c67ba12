/** What of a status needs a person, in words for the page and the terminal. Pure. */
import type { RunRow } from "./runs.ts";
import type { SuspectedSplit } from "./splits.ts";
import type { SeriesStatus, Status } from "./status.ts";

/** Gaps and rejects that are older are not news; their own pages and commands list them all. */
export const RECENT_DAYS = 7;

/** One thing that needs a person. */
export interface AttentionItem {
  kind: "run" | "refused" | "stale" | "gaps" | "split" | "rejects";
  /** What it is about: `AAPL 1h`, `Run #12`. */
  subject: string;
  /** What is the matter with it, to stand behind the subject and a colon. */
  problem: string;
  /** Since when, as far as that is known. */
  since: Date | null;
  /** The command that mends it; null when there is none. */
  command: string | null;
}

type Seen = Pick<Status, "series" | "gaps" | "suspectedSplits" | "rejects" | "runs">;

/** Names in one sentence; the rest is a number. */
const MOST_NAMES = 5;
const LAST_DAYS = `Last ${RECENT_DAYS} days`;

/** Everything that needs a person, the most urgent first; empty when all is well. */
export function listAttention(seen: Seen): AttentionItem[] {
  return [
    ...failedRun(seen.runs),
    ...refusedSeries(seen.series),
    ...staleSeries(seen.series),
    ...openGaps(seen.gaps),
    ...suspectedSplits(seen.suspectedSplits),
    ...recentRejects(seen.rejects),
  ];
}

/** A run under way has not failed yet; one that was cut off is made good by the next. */
function failedRun(runs: RunRow[]): AttentionItem[] {
  const last = runs.find(({ status }) => status !== "running");
  if (last?.status !== "failed") return [];
  return [{
    kind: "run",
    subject: `Run #${last.id}`,
    problem: `the last run failed${last.error ? `: ${last.error}` : ""}`,
    since: last.finishedAt,
    command: null,
  }];
}

function refusedSeries(series: Status["series"]): AttentionItem[] {
  return series.flatMap(({ symbol, candleInterval, refusal }): AttentionItem[] =>
    refusal === null ? [] : [{
      kind: "refused",
      subject: `${symbol} ${candleInterval}`,
      problem: describeRefusal(refusal),
      since: refusal.refusedAt,
      command: `deno task etl retry ${symbol}`,
    }]
  );
}

function describeRefusal({ reason, plan, message }: NonNullable<SeriesStatus["refusal"]>): string {
  switch (reason) {
    case "symbol_plan":
    case "endpoint_plan":
      return `not in your plan, it needs ${plan ?? "a larger one"}`;
    case "unknown_symbol":
      return "the provider does not know the symbol";
    case "bad_request":
      return `the provider refuses it: ${message}`;
  }
}

function staleSeries(series: Status["series"]): AttentionItem[] {
  const stale = series.filter(({ freshness, refusal }) => freshness === "stale" && !refusal);
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
  return splits.map(({ symbol, candleInterval, detail, noticedOn }) => ({
    kind: "split",
    subject: `${symbol} ${candleInterval}`,
    problem: detail,
    since: new Date(noticedOn),
    command: null,
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
