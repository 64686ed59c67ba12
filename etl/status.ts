/** How everything stands, as tables and sentences for a terminal. Pure. */
import Table from "cli-table3";
import type { RunRow } from "../db/runs.ts";
import type { BackfillStatus, CreditStatus, SeriesStatus, Status } from "../db/status.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MISSING = "–";

const FRESHNESS: Record<SeriesStatus["freshness"], string> = {
  fresh: "fresh",
  market_closed: "fresh, market closed",
  stale: "STALE",
  unknown: "hours not known",
  empty: "nothing loaded",
};

/** The status of a source as text; times in UTC. */
export function describeStatus(status: Status): string {
  const { series, backfills, backfillsEndAt, runs, attention, asOf } = status;
  return [
    `Status of ${status.source} at ${utc(asOf)} UTC`,
    series.length > 0 ? seriesTable(series) : "No series is stored yet.",
    ...(status.credits ? [creditSentence(status.credits)] : []),
    ...(backfills.length > 0 ? ["Unfinished backfills", backfillTable(backfills)] : []),
    ...(backfillsEndAt
      ? [`Backfills will be done by about ${utc(backfillsEndAt)} UTC, at best`]
      : []),
    ...(runs.length > 0 ? ["Last runs", runTable(runs)] : ["No run yet."]),
    ...(attention.length > 0 ? ["Needs attention"] : ["Nothing needs attention."]),
    ...attention.map(({ subject, problem, since, command }) =>
      [`- ${subject}: ${problem}`, since && `since ${utc(since)}`, command]
        .filter((part) => part !== null).join(" · ")
    ),
  ].join("\n");
}

function seriesTable(series: SeriesStatus[]): string {
  return table(
    ["symbol", "interval", "newest final", "age", "freshness", "oldest", "history"],
    series.map((each) => [
      each.symbol,
      each.candleInterval,
      each.newestFinalAt ? utc(each.newestFinalAt) : MISSING,
      each.ageMs === null ? MISSING : age(each.ageMs),
      each.refusal
        ? `refused: ${each.refusal.reason.replaceAll("_", " ")}`
        : FRESHNESS[each.freshness],
      each.oldestAt ? utc(each.oldestAt) : MISSING,
      each.isHistoryExhausted ? "all there is" : MISSING,
    ]),
  );
}

function creditSentence(credits: CreditStatus): string {
  const { spentLastMinute, perMinute, spentToday, perDay, dayResetsAt } = credits;
  const today = perDay === null
    ? `${spentToday} today, without a daily cap`
    : `${spentToday} of ${perDay} today, which resets at ${utc(dayResetsAt)} UTC`;
  return `Credits spent: ${spentLastMinute} of ${perMinute} in the last minute, ${today}`;
}

function backfillTable(backfills: BackfillStatus[]): string {
  return table(
    ["symbol", "interval", "from", "to", "loaded back to", "done", "left"],
    backfills.map((each) => [
      each.symbol,
      each.candleInterval,
      utc(each.wantedFrom),
      utc(each.wantedTo),
      utc(each.reachedAt),
      // Rounded down: what still lacks a page is not at 100 %.
      `${Math.floor(each.percent)} %`,
      `about ${each.requestsLeft} ${each.requestsLeft === 1 ? "request" : "requests"}`,
    ]),
  );
}

function runTable(runs: RunRow[]): string {
  return table(
    ["run", "trigger", "status", "started", "steps ok", "new", "rejected", "credits"],
    runs.map((run) => [
      `#${run.id}`,
      run.trigger,
      run.status,
      utc(run.startedAt),
      `${run.stepsOk} of ${run.stepsOk + run.stepsFailed + run.stepsSkipped}`,
      String(run.candlesInserted),
      String(run.rowsRejected),
      String(run.credits),
    ]),
  );
}

function table(head: string[], rows: string[][]): string {
  const made = new Table({ head, style: { head: [], border: [], compact: true } });
  made.push(...rows);
  return made.toString();
}

function utc(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace("T", " ");
}

/** In its largest unit, rounded down; a forming candle that is newer than the clock has no age. */
function age(ageMs: number): string {
  if (ageMs >= 2 * DAY_MS) return `${Math.floor(ageMs / DAY_MS)} d`;
  if (ageMs >= 2 * HOUR_MS) return `${Math.floor(ageMs / HOUR_MS)} h`;
  return `${Math.max(0, Math.floor(ageMs / MINUTE_MS))} min`;
}
