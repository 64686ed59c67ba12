import assert from "node:assert/strict";
import { datesOf, type StatsWindow } from "../../market/stats_window.ts";

const datesAt = (window: StatsWindow, now: string) => {
  const { from, to } = datesOf(window, new Date(now));
  return [from, to].map((date) => date?.toISOString() ?? null);
};

Deno.test("datesOf() ends with today's date and has as many dates as the window says", () => {
  const now = "2026-11-20T18:20:00Z";
  const to = "2026-11-21T00:00:00.000Z";
  assert.deepEqual(datesAt("30d", now), ["2026-10-22T00:00:00.000Z", to]);
  assert.deepEqual(datesAt("90d", now), ["2026-08-23T00:00:00.000Z", to]);
  assert.deepEqual(datesAt("1y", now), ["2025-11-21T00:00:00.000Z", to]);
  assert.deepEqual(datesAt("3y", now), ["2023-11-21T00:00:00.000Z", to]);
  assert.deepEqual(datesAt("all", now), [null, to]);
  assert.deepEqual(datesAt("1y", "2026-11-20T00:00:00Z")[1], to, "midnight begins a date");
});

Deno.test("datesOf() has a year of 366 dates where a 29 February is in it", () => {
  assert.deepEqual(datesAt("1y", "2028-02-29T12:00:00Z"), [
    "2027-03-01T00:00:00.000Z",
    "2028-03-01T00:00:00.000Z",
  ]);
  assert.deepEqual(datesAt("1y", "2028-12-31T12:00:00Z"), [
    "2028-01-01T00:00:00.000Z",
    "2029-01-01T00:00:00.000Z",
  ]);
});
