/** Wall clocks of time zones, fast enough for every candle of a long history. */

/**
 * What the clocks of a zone show at an instant: seconds that, read as if they were UTC, are the local date
 * and time. UTC seconds in, wall seconds out.
 */
export type WallClock = (utcSeconds: number) => number;

/** Asking for an offset takes microseconds: it is asked for once a week, and where it changes within one. */
const WEEK_SECONDS = 7 * 86_400;

/** What is known of one week: the offset at its begin, and from when on another one holds. */
interface Week {
  offset: number;
  changesAt: number;
  nextOffset: number;
}

export const utcClock: WallClock = (utcSeconds) => utcSeconds;

/**
 * The clock of an IANA zone.
 *
 * @throws {RangeError} when there is no such zone.
 */
export function createWallClock(timeZone: string): WallClock {
  if (timeZone === "UTC") return utcClock;
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const offsetAt = (utcSeconds: number) => readOffset(format, utcSeconds);
  const weeks = new Map<number, Week>();
  return (utcSeconds) => {
    const number = Math.floor(utcSeconds / WEEK_SECONDS);
    let week = weeks.get(number);
    if (week === undefined) weeks.set(number, week = lookUpWeek(number * WEEK_SECONDS, offsetAt));
    return utcSeconds + (utcSeconds < week.changesAt ? week.offset : week.nextOffset);
  };
}

function lookUpWeek(start: number, offsetAt: (utcSeconds: number) => number): Week {
  const offset = offsetAt(start);
  const nextOffset = offsetAt(start + WEEK_SECONDS);
  if (offset === nextOffset) return { offset, nextOffset, changesAt: Infinity };
  let before = start;
  let changesAt = start + WEEK_SECONDS;
  while (changesAt - before > 1) {
    const middle = Math.floor((before + changesAt) / 2);
    if (offsetAt(middle) === offset) before = middle;
    else changesAt = middle;
  }
  return { offset, nextOffset, changesAt };
}

/** `GMT-05:00` is -18000; `GMT` is 0. */
function readOffset(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const name = format.formatToParts(utcSeconds * 1000)
    .find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign = "+", hours = "0", minutes = "0", seconds = "0"] =
    /([+-])(\d+)(?::(\d+))?(?::(\d+))?/.exec(name) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -size : size;
}

/** `2026-11-20 09:30`, or the date alone. */
export function formatWall(wallSeconds: number, hasTime: boolean): string {
  const text = new Date(wallSeconds * 1000).toISOString();
  return hasTime ? text.slice(0, 16).replace("T", " ") : text.slice(0, 10);
}

/** How far a zone's clocks are from UTC: `UTC−5`, `UTC+5:30`, `UTC`. */
export function formatOffset(offsetSeconds: number): string {
  if (offsetSeconds === 0) return "UTC";
  const minutes = Math.round(Math.abs(offsetSeconds) / 60);
  const rest = minutes % 60 === 0 ? "" : `:${String(minutes % 60).padStart(2, "0")}`;
  return `UTC${offsetSeconds < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest}`;
}

/** The place after which a zone is called: `America/New_York` is `New York`. */
export function placeOf(timeZone: string): string {
  return timeZone.slice(timeZone.lastIndexOf("/") + 1).replaceAll("_", " ");
}
