import assert from "node:assert/strict";
import fc from "fast-check";
import { tickLabel, tickWeight } from "../../islands/price_chart/ticks.ts";
import {
  createWallClock,
  formatOffset,
  formatWall,
  placeOf,
} from "../../islands/price_chart/wall_clock.ts";

const seconds = (iso: string) => Date.parse(iso) / 1000;
const ZONES = [
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "America/St_Johns",
  "UTC",
];

Deno.test("A wall clock shows what Temporal shows, in any zone at any time", () => {
  const from = seconds("1975-01-01T00:00:00Z");
  const to = seconds("2037-01-01T00:00:00Z");
  const clocks = new Map(ZONES.map((zone) => [zone, createWallClock(zone)]));
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: from, max: to }),
      (zone, utc) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(utc * 1000);
        const local = instant.toZonedDateTimeISO(zone).toPlainDateTime().toString({
          smallestUnit: "minute",
        });
        assert.equal(formatWall(clocks.get(zone)!(utc), true), local.replace("T", " "), zone);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("A wall clock changes at the very second, in spring and in autumn", () => {
  const clock = createWallClock("America/New_York");
  const shown = (iso: string) => formatWall(clock(seconds(iso)), true);
  assert.equal(shown("2026-03-08T06:59:59Z"), "2026-03-08 01:59");
  assert.equal(shown("2026-03-08T07:00:00Z"), "2026-03-08 03:00");
  assert.equal(shown("2026-11-01T05:59:59Z"), "2026-11-01 01:59");
  assert.equal(shown("2026-11-01T06:00:00Z"), "2026-11-01 01:00");
});

Deno.test("A wall clock is cheap for a long history", () => {
  const clock = createWallClock("America/New_York");
  const newest = seconds("2026-11-20T18:00:00Z");
  const startedAt = performance.now();
  let sum = 0;
  for (let hour = 0; hour < 100_000; hour++) sum += clock(newest - hour * 3600);
  assert.ok(sum > 0);
  assert.ok(performance.now() - startedAt < 500, `${performance.now() - startedAt} ms`);
});

/** The weights of hourly candles from one instant to another, by local time. */
function hourlyWeights(from: string, to: string, zone: string): Map<string, number> {
  const clock = createWallClock(zone);
  const weights = new Map<string, number>();
  for (let utc = seconds(from); utc <= seconds(to); utc += 3600) {
    const key = `${formatWall(clock(utc), true)} ${formatOffset(clock(utc) - utc)}`;
    weights.set(key, tickWeight(clock(utc), clock(utc - 3600)));
  }
  return weights;
}

Deno.test("Marks fall on local days, months and years, not on those of UTC", () => {
  const weights = hourlyWeights("2026-12-31T20:00:00Z", "2027-01-01T08:00:00Z", "America/New_York");
  assert.equal(weights.get("2027-01-01 00:00 UTC−5"), 70, "the year begins in New York");
  assert.equal(weights.get("2026-12-31 19:00 UTC−5"), 30, "as it began in Greenwich");
  const day = hourlyWeights("2026-11-19T20:00:00Z", "2026-11-20T20:00:00Z", "America/New_York");
  assert.equal(day.get("2026-11-20 00:00 UTC−5"), 50);
  assert.equal(day.get("2026-11-20 12:00 UTC−5"), 33);
  assert.equal(day.get("2026-11-20 06:00 UTC−5"), 32);
  assert.equal(day.get("2026-11-20 03:00 UTC−5"), 31);
  assert.equal(day.get("2026-11-20 01:00 UTC−5"), 30);
  const month = hourlyWeights("2026-11-30T20:00:00Z", "2026-12-01T08:00:00Z", "America/New_York");
  assert.equal(month.get("2026-12-01 00:00 UTC−5"), 60);
});

Deno.test("Where the clocks go forward, the day still begins once and 03:00 follows 01:00", () => {
  const weights = hourlyWeights("2026-03-08T03:00:00Z", "2026-03-09T12:00:00Z", "America/New_York");
  assert.deepEqual([...weights].filter(([, weight]) => weight >= 50).map(([time]) => time), [
    "2026-03-08 00:00 UTC−5",
    "2026-03-09 00:00 UTC−4",
  ]);
  assert.equal(weights.get("2026-03-08 03:00 UTC−4"), 31);
  assert.equal([...weights.keys()].some((time) => time.startsWith("2026-03-08 02:")), false);
});

Deno.test("Where the clocks go back, the hour is there twice and begins nothing the second time", () => {
  const weights = hourlyWeights("2026-11-01T02:00:00Z", "2026-11-02T12:00:00Z", "America/New_York");
  assert.deepEqual([...weights].filter(([, weight]) => weight >= 50).map(([time]) => time), [
    "2026-11-01 00:00 UTC−4",
    "2026-11-02 00:00 UTC−5",
  ]);
  assert.equal(weights.get("2026-11-01 01:00 UTC−4"), 30);
  assert.equal(weights.get("2026-11-01 01:00 UTC−5"), 0);
  assert.equal(weights.get("2026-11-01 02:00 UTC−5"), 30);
});

Deno.test("A mark says the year, the month, the day or the time that it begins", () => {
  const wall = seconds("2027-01-05T09:30:00Z");
  assert.deepEqual([70, 60, 50, 33, 22, 0].map((weight) => tickLabel(wall, weight)), [
    "2027",
    "Jan",
    "5",
    "09:30",
    "09:30",
    "09:30",
  ]);
});

Deno.test("Offsets and places are told as people write them", () => {
  assert.equal(formatOffset(-5 * 3600), "UTC−5");
  assert.equal(formatOffset(5.5 * 3600), "UTC+5:30");
  assert.equal(formatOffset(0), "UTC");
  assert.equal(placeOf("America/Argentina/Buenos_Aires"), "Buenos Aires");
  assert.equal(placeOf("UTC"), "UTC");
});
