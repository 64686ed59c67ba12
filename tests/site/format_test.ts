import assert from "node:assert/strict";
import {
  formatAge,
  formatAmount,
  formatDuration,
  formatPercent,
  formatPrice,
  priceDecimals,
} from "../../components/format.ts";

Deno.test("priceDecimals() shows what the data have, within what the venue quotes", () => {
  assert.equal(priceDecimals(["229.98501", "230"], "stock"), 2);
  assert.equal(priceDecimals(["0.1234"], "stock"), 4);
  assert.equal(priceDecimals(["98123.50000"], "crypto"), 2);
  assert.equal(priceDecimals(["1.08342", "1.08"], "forex"), 5);
  assert.equal(priceDecimals(["151.123", "151.4"], "forex"), 3);
  assert.equal(priceDecimals(["0.00001234"], "crypto"), 8);
  assert.equal(priceDecimals([], "crypto"), 2);
});

Deno.test("formatPrice() rounds the decimal itself, not a float of it", () => {
  assert.equal(formatPrice("1.005", 2), "1.01");
  assert.equal(formatPrice("12345678901234567.891", 2), "12,345,678,901,234,567.89");
  assert.equal(formatPrice("98123.5", 2), "98,123.50");
});

Deno.test("Changes carry their sign, and a rounded zero has none", () => {
  assert.equal(formatAmount("-0.40", 2), "−0.40");
  assert.equal(formatAmount("1.2", 2), "+1.20");
  assert.equal(formatAmount("-0.004", 2), "0.00");
  assert.equal(formatAmount("0.004", 2), "0.00");
  assert.equal(formatAmount("-0.0051", 2), "−0.01");
  assert.equal(formatPercent(-0.004), "0.00 %");
  assert.equal(formatPercent(-1.239), "−1.24 %");
});

Deno.test("formatAge() says the two largest units", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const age = (from: string) => formatAge(new Date(from), now);
  assert.equal(age("2026-11-22T12:00:01Z"), "< 1 min");
  assert.equal(age("2026-11-22T11:56:00Z"), "4 min");
  assert.equal(age("2026-11-22T08:48:00Z"), "3 h 12 min");
  assert.equal(age("2026-11-20T09:00:00Z"), "2 d 3 h");
  assert.equal(age("2026-11-20T12:00:00Z"), "2 d");
});

Deno.test("formatDuration() uses the unit that suits it", () => {
  assert.equal(formatDuration(85), "85 ms");
  assert.equal(formatDuration(1400), "1.4 s");
  assert.equal(formatDuration(125_000), "2 min 5 s");
});
