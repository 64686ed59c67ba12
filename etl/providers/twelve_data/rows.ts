/** The rows of a time series: the good ones as they are, the malformed ones set apart. Pure. */
import { z } from "zod";
import { Decimal } from "../../../market/candle.ts";
import { type Interval, isDateInterval } from "../../../market/interval.ts";
import type { Reject, WireRow } from "../../provider.ts";

const DATE = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const DATE_TIME =
  /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

const DateText = timeText(DATE, "must be YYYY-MM-DD");
const DateTimeText = timeText(DATE_TIME, "must be YYYY-MM-DD HH:MM:SS");

/** Every usual price; a subset of `Decimal`, which judges the others. */
const USUAL_DECIMAL = /^\d{1,15}(?:\.\d{1,15})?$/;

const DateRow = rowSchema(DateText);
const DateTimeRow = rowSchema(DateTimeText);

/** The rows of `values`, in their order; a row that is malformed becomes a reject with its reason. */
export function parseRows(
  values: readonly unknown[],
  interval: Interval,
): { rows: WireRow[]; rejects: Reject[] } {
  const [schema, format] = isDateInterval(interval) ? [DateRow, DATE] : [DateTimeRow, DATE_TIME];
  const rows: WireRow[] = [];
  const rejects: Reject[] = [];
  for (const value of values) {
    const usual = usualRow(value, format);
    if (usual !== null) {
      rows.push(usual);
      continue;
    }
    const result = schema.safeParse(value);
    if (result.success) rows.push(result.data);
    else rejects.push({ reason: reasonOf(result.error, value), payload: value });
  }
  return { rows, rejects };
}

function timeText(format: RegExp, rule: string) {
  return z.string(rule).regex(format, rule).refine(isCalendarDay, "must be a day of the calendar");
}

function rowSchema(datetime: z.ZodType<string>) {
  return z.object({
    datetime,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    // Not reported is not zero: forex and crypto have no volume, and an empty text says nothing.
    volume: Decimal.or(z.literal("")).nullish().transform((volume) => volume || null),
  });
}

/**
 * A row with nothing unusual, or null: zod then judges it. A page of 5000 rows takes zod twice as long
 * as `JSON.parse`, and this a third of it.
 */
function usualRow(value: unknown, format: RegExp): WireRow | null {
  if (typeof value !== "object" || value === null) return null;
  const { datetime, open, high, low, close, volume = null } = value as Record<string, unknown>;
  const isUsual = typeof datetime === "string" && format.test(datetime) &&
    isCalendarDay(datetime) &&
    isUsualDecimal(open) && isUsualDecimal(high) && isUsualDecimal(low) && isUsualDecimal(close) &&
    (volume === null || isUsualDecimal(volume));
  return isUsual ? { datetime, open, high, low, close, volume } : null;
}

function isUsualDecimal(value: unknown): value is string {
  return typeof value === "string" && USUAL_DECIMAL.test(value);
}

/** The first thing wrong: `close must be a decimal number: current value is "n/a"`. */
function reasonOf(error: z.ZodError, row: unknown): string {
  const issue = error.issues[0]!;
  const field = issue.path[0];
  if (typeof row !== "object" || row === null || typeof field !== "string") {
    return `row must be an object: current value is ${JSON.stringify(row)?.slice(0, 100)}`;
  }
  const value = JSON.stringify((row as Record<string, unknown>)[field])?.slice(0, 100);
  const rule = issue.message.startsWith("must be") ? issue.message : "must be a decimal number";
  return `${field} ${rule}: current value is ${value ?? "missing"}`;
}

/** Whether the day exists: a month may have fewer than 31. */
function isCalendarDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  return new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
}
