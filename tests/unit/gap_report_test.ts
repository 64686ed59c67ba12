import assert from "node:assert/strict";
import type { Gap } from "../../db/gaps.ts";
import { describeGaps, isOpenGap } from "../../etl/gap_report.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

function gap(values: Partial<Gap> = {}): Gap {
  return {
    instrumentId: 1,
    symbol: "AAPL",
    candleInterval: "1h",
    openedFrom: new Date("2026-11-20T14:30:00Z"),
    openedTo: new Date("2026-11-20T16:30:00Z"),
    missing: 3,
    lastEmptyAt: null,
    askAgainAt: null,
    ...values,
  };
}

Deno.test("describeGaps() says in a sentence that nothing is missing", () => {
  assert.equal(describeGaps([], NOW), "Nothing is missing.");
});

Deno.test("describeGaps() shows each gap with its state, and their sum", () => {
  const empty = gap({
    candleInterval: "1day",
    openedFrom: new Date("2026-11-18T00:00:00Z"),
    openedTo: new Date("2026-11-18T00:00:00Z"),
    missing: 1,
    lastEmptyAt: new Date("2026-11-24T02:02:00Z"),
    askAgainAt: new Date("2026-11-25T02:02:00Z"),
  });
  const lines = describeGaps([gap(), empty], NOW).split("\n");
  assert.match(lines[3]!, /AAPL .* 1h .* 2026-11-20 14:30 .* 2026-11-20 16:30 .* 3 .* open/);
  assert.match(lines[4]!, /1day .* 2026-11-18 .* 1 .* empty, not again before 2026-11-25 02:02/);
  assert.equal(
    lines.at(-1),
    "4 candles are missing in 2 gaps: 1 open, 1 where the provider has no data. Times are UTC.",
  );
});

Deno.test("describeGaps() shows the newest hundred and says how many more there are", () => {
  const text = describeGaps(Array.from({ length: 130 }, () => gap()), NOW);
  assert.equal(text.match(/AAPL/g)?.length, 100);
  assert.match(text, /and 30 older: --json has all of them/);
  assert.match(text, /390 candles are missing in 130 gaps/);
});

Deno.test("a gap is open again when its time has come", () => {
  assert.ok(isOpenGap(gap(), NOW));
  assert.ok(isOpenGap(gap({ askAgainAt: NOW }), NOW));
  assert.ok(!isOpenGap(gap({ askAgainAt: new Date(NOW.getTime() + 1) }), NOW));
});
