/** The times of files: with an offset, or local to a time zone. Pure. */
import { type Interval, isDateInterval } from "../../market/interval.ts";

/** `2024-01-02`, `20240102`, `2024/01/02`, each with or without a time, seconds and an offset. */
const TIME =
  /^([12]\d{3})([-/.]?)(\d{2})\2(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:\.0+)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const MINUTE_MS = 60_000;

/**
 * The open time that the text says, or why it says none. A candle of a day or longer has the date as it
 * is written. A local time that the clocks pass twice in autumn is the first of the two, and one that
 * they skip in spring is none.
 *
 * @param timezone IANA name of the zone in which times without an offset are told
 */
export function parseFileTime(text: string, interval: Interval, timezone: string): Date | string {
  const match = TIME.exec(text);
  const parts = match?.map((part) => part === undefined ? 0 : Number(part));
  if (!match || !parts) return `must be a time such as 2024-01-31 or 2024-01-31 15:30`;
  const [year, month, day] = [parts[1]!, parts[3]!, parts[4]!];
  const [hour, minute, second] = [parts[5]!, parts[6]!, parts[7]!];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const isReal = new Date(ms).getUTCDate() === day && new Date(ms).getUTCMonth() === month - 1 &&
    hour < 24 && minute < 60 && second < 60;
  if (!isReal) return "must be a time of the calendar";
  if (isDateInterval(interval)) {
    return hour + minute + second === 0
      ? new Date(ms)
      : `must be a date, as a candle of ${interval} has`;
  }
  if (match[5] === undefined) return `must have a time of day, as a candle of ${interval} has`;
  const offset = match[8];
  if (offset !== undefined) return new Date(ms - offsetMs(offset));
  if (timezone === "UTC") return new Date(ms);
  const local = Temporal.PlainDateTime.from({ year, month, day, hour, minute, second });
  const zoned = local.toZonedDateTime(timezone, { disambiguation: "compatible" });
  return zoned.toPlainDateTime().equals(local)
    ? new Date(zoned.epochMilliseconds)
    : `must exist, but the clocks of ${timezone} skip it`;
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === "Z") return 0;
  const digits = offset.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || "0");
  return (offset.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}
