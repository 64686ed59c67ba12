import fc from "fast-check";
import assert from "node:assert/strict";
import { parseFileTime } from "../../etl/files/times.ts";
import type { Interval } from "../../market/interval.ts";

const NEW_YORK = "America/New_York";

function parsed(text: string, interval: Interval = "1h", timezone = "UTC"): string {
  const time = parseFileTime(text, interval, timezone);
  return time instanceof Date ? time.toISOString().replace(":00.000Z", "Z") : time;
}

Deno.test("parseFileTime() reads every usual form of a time", () => {
  for (
    const text of [
      "2024-01-02 15:30:00",
      "2024-01-02T15:30",
      "2024-01-02T15:30:00.000Z",
      "2024-01-02 10:30:00-05:00",
      "2024-01-02T21:00:00+0530",
      "20240102 153000",
      "2024/01/02 15:30",
    ]
  ) assert.equal(parsed(text), "2024-01-02T15:30Z", text);
});

Deno.test("parseFileTime() takes the date of a day's candle as it is written, whatever the zone", () => {
  for (const text of ["2024-01-02", "20240102", "2024-01-02 00:00:00-05:00", "20240102 000000"]) {
    assert.equal(parsed(text, "1day", NEW_YORK), "2024-01-02T00:00Z", text);
  }
});

Deno.test("parseFileTime() says what is wrong with a time", () => {
  assert.match(parsed("01/02/2024", "1day"), /^must be a time such as/);
  assert.match(parsed("0024-01-02", "1day"), /^must be a time such as/);
  assert.match(parsed("2024-02-30", "1day"), /^must be a time of the calendar/);
  assert.match(parsed("2024-01-02 24:00"), /^must be a time of the calendar/);
  assert.match(parsed("2024-01-02 15:30", "1day"), /^must be a date, as a candle of 1day/);
  assert.match(parsed("2024-01-02"), /^must have a time of day, as a candle of 1h/);
});

Deno.test("parseFileTime() takes the first of the two hours of autumn, and none for the hour that spring skips", () => {
  assert.equal(parsed("2024-11-03 01:30", "1h", NEW_YORK), "2024-11-03T05:30Z");
  assert.equal(parsed("2024-11-03 01:30-05:00", "1h", NEW_YORK), "2024-11-03T06:30Z");
  assert.match(parsed("2024-03-10 02:30", "1h", NEW_YORK), /clocks of America\/New_York skip it/);
});

Deno.test("parseFileTime() gives back every instant from its local time, but for the second hour of autumn", () => {
  const zones = ["UTC", NEW_YORK, "Europe/Warsaw", "Australia/Sydney", "Asia/Kolkata"];
  const minutes = fc.integer({ min: 0, max: 40_000_000 });
  fc.assert(fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
    const instant = Temporal.Instant.fromEpochMilliseconds(minute * 60_000);
    const local = instant.toZonedDateTimeISO(zone).toPlainDateTime();
    const first = local.toZonedDateTime(zone, { disambiguation: "earlier" });
    const text = local.toString({ smallestUnit: "second" });
    const time = parseFileTime(text, "1min", zone);
    assert.ok(time instanceof Date, `${text} ${zone}`);
    assert.equal(time.getTime(), first.epochMilliseconds);
    const exact = parseFileTime(`${text}${offsetOf(instant, zone)}`, "1min", zone);
    assert.deepEqual(exact, new Date(instant.epochMilliseconds));
  }));
});

function offsetOf(instant: Temporal.Instant, zone: string): string {
  return instant.toZonedDateTimeISO(zone).offset;
}
