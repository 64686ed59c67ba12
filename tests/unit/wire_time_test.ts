import assert from "node:assert/strict";
import fc from "fast-check";
import { wireTimeMs } from "../../etl/wire_time.ts";

Deno.test("wireTimeMs() reads what a clock in UTC writes", () => {
  const seconds = fc.integer({
    min: Date.parse("1000-01-01T00:00:00Z") / 1000,
    max: Date.parse("2999-12-31T23:59:59Z") / 1000,
  });
  fc.assert(
    fc.property(seconds, (second) => {
      const text = new Date(second * 1000).toISOString();
      assert.equal(wireTimeMs(text.slice(0, 19).replace("T", " ")), second * 1000);
      assert.equal(wireTimeMs(text.slice(0, 10)), Date.parse(text.slice(0, 10)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("wireTimeMs() reads nothing else", () => {
  for (
    const text of [
      "",
      "never",
      "2026-02-29",
      "1900-02-29",
      "2026-04-31",
      "2026-13-01",
      "2026-00-01",
      "2026-01-00",
      "2026-1-1",
      "0026-01-01",
      "2026/01/01",
      "2026-01-01T10:00:00",
      "2026-01-01 10:00",
      "2026-01-01 24:00:00",
      "2026-01-01 10:60:00",
      "2026-01-01 10:00:60",
      "2026-01-01 1e:00:00",
      "2026-01-01 10:00:00Z",
      "２026-01-01",
    ]
  ) {
    assert.ok(Number.isNaN(wireTimeMs(text)), text);
  }
  assert.equal(wireTimeMs("2024-02-29"), Date.parse("2024-02-29"));
  assert.equal(wireTimeMs("2000-02-29"), Date.parse("2000-02-29"));
});
