/** Gaps in words: for a terminal. */
import Table from "cli-table3";
import type { Gap } from "../db/gaps.ts";
import { isDateInterval } from "../market/interval.ts";

/** More lines than that nobody reads. */
const MOST_LINES = 100;

/** Whether the gap is to be asked for at `now`: never answered yet, or the answer is old. */
export function isOpenGap(gap: Gap, now: Date): boolean {
  return gap.askAgainAt === null || gap.askAgainAt <= now;
}

/** The gaps as a table with a line that sums them up, or a sentence when there are none. Times in UTC. */
export function describeGaps(gaps: Gap[], now: Date): string {
  if (gaps.length === 0) return "Nothing is missing.";
  const table = new Table({
    head: ["symbol", "interval", "from", "to", "missing", "state"],
    colAligns: ["left", "left", "left", "left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const gap of gaps.slice(0, MOST_LINES)) {
    const time = isDateInterval(gap.candleInterval) ? dateText : minuteText;
    table.push([
      gap.symbol,
      gap.candleInterval,
      time(gap.openedFrom),
      time(gap.openedTo),
      gap.missing,
      stateText(gap, now),
    ]);
  }
  return [table.toString(), ...moreText(gaps), totalText(gaps, now)].join("\n");
}

function stateText(gap: Gap, now: Date): string {
  if (isOpenGap(gap, now) || gap.askAgainAt === null) return "open";
  return `empty, not again before ${minuteText(gap.askAgainAt)}`;
}

function moreText(gaps: Gap[]): string[] {
  const more = gaps.length - MOST_LINES;
  return more > 0 ? [`… and ${more} older: --json has all of them`] : [];
}

function totalText(gaps: Gap[], now: Date): string {
  const candles = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const open = gaps.filter((gap) => isOpenGap(gap, now)).length;
  return `${counted(candles, "candle is", "candles are")} missing in ${
    counted(gaps.length, "gap", "gaps")
  }: ${open} open, ${gaps.length - open} where the provider has no data. Times are UTC.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function minuteText(at: Date): string {
  return at.toISOString().slice(0, 16).replace("T", " ");
}

function dateText(at: Date): string {
  return at.toISOString().slice(0, 10);
}
