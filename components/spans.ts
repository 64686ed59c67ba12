/** Spans of time as labels, and the change of a row over each. */
import type { OverviewRow } from "../db/overview.ts";
import type { Span } from "../market/span.ts";

/** In the head of a column or on a button. */
export const SPAN_LABELS: Record<Span, string> = {
  "1h": "1 h",
  "24h": "24 h",
  "7d": "7 d",
  "30d": "30 d",
  "ytd": "YTD",
  "1y": "1 y",
};

/** Behind "Change". */
export const SPAN_WORDS: Record<Span, string> = {
  "1h": "over 1 h",
  "24h": "over 24 h",
  "7d": "over 7 days",
  "30d": "over 30 days",
  "ytd": "since the year began",
  "1y": "over 1 year",
};

const COLUMNS = {
  "1h": "change1hPercent",
  "24h": "change24hPercent",
  "7d": "change7dPercent",
  "30d": "change30dPercent",
  "ytd": "changeYtdPercent",
  "1y": "change1yPercent",
} as const satisfies Record<Span, keyof OverviewRow>;

/** Per cent; null when no price is known that long before. */
export function changeOver(row: OverviewRow, span: Span): number | null {
  return row[COLUMNS[span]];
}

/** The rows whose change over a span is known, the best first; equal ones stay in their order. */
export function rankOver(rows: OverviewRow[], span: Span): OverviewRow[] {
  return rows.filter((row) => changeOver(row, span) !== null)
    .toSorted((a, b) => changeOver(b, span)! - changeOver(a, span)!);
}
