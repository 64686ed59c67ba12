import assert from "node:assert/strict";
import { directionOf, formatNumber, formatSigned } from "../../islands/number_locale.ts";

Deno.test("A number has the sign of what its decimals show", () => {
  assert.equal(formatNumber(-0.001, 2), "0.00");
  assert.equal(formatNumber(-0.4, 1), "−0.4");
  assert.equal(formatNumber(1234.5, 2), "1,234.50");
  assert.equal(formatSigned(0.001, 2), "0.00");
  assert.equal(formatSigned(-0.001, 2), "0.00");
  assert.equal(formatSigned(0.006, 2), "+0.01");
  assert.equal(formatSigned(-1234.5, 1), "−1,234.5");
});

Deno.test("A direction is that of the number as it reads", () => {
  const values = [0.004, -0.004, 0, 0.006, -0.006];
  assert.deepEqual(values.map((value) => directionOf(value, 2)), [
    "flat",
    "flat",
    "flat",
    "up",
    "down",
  ]);
});
