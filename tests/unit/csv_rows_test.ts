import fc from "fast-check";
import assert from "node:assert/strict";
import { recogniseColumns } from "../../etl/files/columns.ts";
import { parseRecord } from "../../etl/files/rows.ts";
import { createSeenTimes } from "../../etl/files/seen_times.ts";

const OWN = "source,symbol,interval,opened_at,open,high,low,close,volume,is_final";
const PLAIN = "date,open,high,low,close,volume";

function parse(header: string, row: string) {
  const names = header.split(",");
  const columns = recogniseColumns(names, {}, "the file");
  const defaults = { symbol: "AAPL", interval: "1day", timezone: "UTC" } as const;
  return parseRecord({ line: 7, fields: row.split(",") }, columns, names.length, defaults);
}

const DAILY = { symbol: "AAPL", interval: "1day", source: null, listing: null };

Deno.test("parseRecord() keeps prices as they are written, and says nothing of a volume that is not there", () => {
  const row = {
    ...{ datetime: "2024-01-02", open: "1.50", high: "2", low: "0.000000012345678" },
    ...{ close: "1", volume: null, line: 7 },
  };
  const expected = { kind: "row", series: DAILY, line: 7, row, isFinal: null };
  const values = "2024-01-02,1.50,2,0.000000012345678,1";
  assert.deepEqual(parse(PLAIN, `${values},`), expected);
  assert.deepEqual(parse(PLAIN, values), expected, "a row without its last value");
  assert.deepEqual(parse(PLAIN, `${values},,,`), expected, "separators at the end");
  assert.deepEqual(parse(PLAIN, `${values},0`), { ...expected, row: { ...row, volume: "0" } });
});

Deno.test("parseRecord() takes series and finality from our own export", () => {
  const record = parse(OWN, "simulator,BTC/USD,1h,2024-01-02T15:00:00Z,1,1,1,1,,false");
  assert.ok(record.kind === "row");
  assert.deepEqual(record.series, {
    symbol: "BTC/USD",
    interval: "1h",
    source: "simulator",
    listing: null,
  });
  assert.equal(record.row.datetime, "2024-01-02 15:00:00");
  assert.equal(record.isFinal, false);
});

Deno.test("parseRecord() rejects a malformed row with its line, its values and its time", () => {
  const cases = [
    [
      "2024-01-02,null,null,null,null,null",
      'open must be a decimal number: current value is "null"',
    ],
    ["2024-01-02,1,1,1", "close must be a decimal number: current value is missing"],
    ["2024-01-02,1,1,1,1e3,5", 'close must be a decimal number: current value is "1e3"'],
    [
      "2024-01-02,1,5,1,5,1,5,1,5,9",
      "row must have as many values as the header: it has 10, not 6",
    ],
  ] as const;
  for (const [row, reason] of cases) {
    const record = parse(PLAIN, row);
    assert.ok(record.kind === "reject", row);
    assert.equal(record.reject.reason, reason);
    assert.deepEqual(record.reject.openedAt, new Date("2024-01-02"));
    assert.equal((record.reject.payload as { line: number }).line, 7);
  }
  const late = parse(PLAIN, "2/1/2024,1,1,1,1,1");
  assert.ok(late.kind === "reject" && late.reject.openedAt === null);
  assert.match(late.reject.reason, /^datetime must be a time .* current value is "2\/1\/2024"$/);
});

Deno.test("parseRecord() sets apart a row that names no series", () => {
  const reasons = [
    "simulator,,1h,2024-01-02T15:00:00Z,1,1,1,1,,true",
    "simulator,AAPL,7h,2024-01-02T15:00:00Z,1,1,1,1,,true",
    "yahoo,AAPL,1h,2024-01-02T15:00:00Z,1,1,1,1,,true",
  ].map((row) => {
    const record = parse(OWN, row);
    return record.kind === "stray" && record.reason;
  });
  assert.deepEqual(reasons, [
    "symbol must be one such as AAPL: current value is missing",
    'interval must be known: current value is "7h"',
    'source must be known: current value is "yahoo"',
  ]);
});

Deno.test("createSeenTimes() holds exactly the times that were added", () => {
  const minutes = fc.array(fc.integer({ min: -40_000_000, max: 40_000_000 }));
  fc.assert(fc.property(minutes, minutes, (added, asked) => {
    const seen = createSeenTimes("1min");
    const at = (minute: number) => new Date(minute * 60_000);
    for (const minute of added) seen.add(at(minute));
    for (const minute of [...added, ...asked]) {
      assert.equal(seen.has(at(minute)), added.includes(minute));
    }
  }));
  const days = createSeenTimes("1month");
  days.add(new Date("2024-02-01"));
  assert.ok(days.has(new Date("2024-02-01")) && !days.has(new Date("2024-02-02")));
});
