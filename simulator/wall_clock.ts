/** Local times as the provider writes them: no offset, so that the zone has to be known. */
import { DAY_MS } from "../market/holidays.ts";

/** Whether the text is an IANA zone name in its exact spelling: the provider minds the case. */
export function isZoneName(timezone: string): boolean {
  if (!/^[A-Za-z]/.test(timezone)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone).timeZoneId ===
      timezone;
  } catch {
    return false;
  }
}

/**
 * Unix milliseconds of `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` or the same with `T`, told in the zone; null
 * when it is no such time. A date alone is its midnight; of an hour that comes twice, the first is meant.
 */
export function parseWallTime(text: string, timezone: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text);
  if (!match) return null;
  try {
    const wall = Temporal.PlainDateTime.from(`${match[1]}T${match[2] ?? "00:00"}`);
    return wall.toZonedDateTime(timezone).epochMilliseconds;
  } catch {
    return null;
  }
}

/** A formatter of unix milliseconds as `YYYY-MM-DD HH:MM:SS` in the zone. */
export function wallTimeFormat(timezone: string): (ms: number) => string {
  const offsets = new Map<number, number>();

  function offsetMs(ms: number): number {
    return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone)
      .offsetNanoseconds / 1e6;
  }

  return (ms) => {
    // Zones change at whole quarters of an hour, so candles of one quarter share the look-up.
    const quarter = Math.floor(ms / (DAY_MS / 96));
    let offset = offsets.get(quarter);
    if (offset === undefined) offsets.set(quarter, offset = timezone === "UTC" ? 0 : offsetMs(ms));
    return new Date(ms + offset).toISOString().slice(0, 19).replace("T", " ");
  };
}
