import assert from "node:assert/strict";
import type { Database } from "../../db/connect.ts";
import { runEtl, type RunInput } from "../../etl/run.ts";
import { FAULT_KINDS, type FaultRates } from "../../simulator/faults.ts";
import { forEachDatabase } from "../support/databases.ts";
import {
  assertNothingHalfWritten,
  assertSameLines,
  candleLines,
  dependenciesOf,
} from "../support/loads.ts";

const INPUT: RunInput = {
  trigger: "cron",
  symbols: ["AAPL", "MSFT", "BTC/USD", "EUR/USD"],
  intervals: ["1h", "1day"],
};
const SERIES = INPUT.symbols.length * INPUT.intervals.length;
const RATE = 0.3;

const START = Date.parse("2026-11-02T14:20:00Z");
const HOUR_MS = 3_600_000;
const after = (hours: number) => new Date(START + hours * HOUR_MS);

/** Hours of a working week with a night and a day left out. */
const WORKING = [1, 2, 3, 4, 20, 21, 46, 49, 94].map(after);
/** Then days go by, and weeks, so that what was answered with nothing is asked for again. */
const PATIENT = [120, 145, 170, 195, 365, 390, 560, 585, 755, 780].map(after);

/** The database that never met a fault, at each instant of {@linkcode PATIENT}. */
async function loadWithoutFaults(database: Database): Promise<string[][]> {
  let now = after(0);
  const deps = dependenciesOf(database, { now: () => now });
  const states: string[][] = [];
  for (now of [after(0), ...WORKING, ...PATIENT]) {
    const report = await runEtl(deps, INPUT);
    assert.equal(report.status, "ok");
    if (now >= PATIENT[0]!) states.push(await candleLines(database.sql));
  }
  return states;
}

const faultless = new Map<Database["kind"], string[][]>();

forEachDatabase("A week without faults loads every candle that there is", async ({ database }) => {
  const states = await loadWithoutFaults(database);
  faultless.set(database.kind, states);
  assert.ok(states.every((lines, i) => lines.length > (states[i - 1]?.length ?? 4000)));
});

/** Loads the same weeks under faults until the data are those of the database that met none. */
async function loadWithFaults(
  database: Database,
  faults: FaultRates,
  mostRuns: number,
): Promise<void> {
  const { sql } = database;
  const expected = faultless.get(database.kind) ?? assert.fail("the test before must run first");
  let now = after(0);
  const deps = dependenciesOf(database, { now: () => now, faults });
  const run = async () => assert.notEqual((await runEtl(deps, INPUT)).status, "locked");
  // A first load takes the newest candles: one that comes an hour later begins an hour later.
  for (let runs = 0; await countSeries(database) < SERIES; runs++) {
    assert.ok(runs < 3 * mostRuns, "every series is loaded a first time");
    await run();
  }
  for (now of WORKING) await run();
  let lines: string[] = [];
  for (const [i, instant] of PATIENT.entries()) {
    now = instant;
    for (let runs = 0; runs < mostRuns; runs++) {
      await run();
      lines = await candleLines(sql);
      if (lines.join("\n") === expected[i]!.join("\n")) return await assertNothingHalfWritten(sql);
    }
  }
  assertSameLines(lines, expected.at(-1)!, "In the end");
}

async function countSeries({ sql }: Database): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*) from market.watermarks where newest_final_at is not null`;
  return row.count;
}

for (const kind of FAULT_KINDS) {
  forEachDatabase(
    `${kind} in ${RATE * 100} % of the answers leaves no trace in the candles`,
    ({ database }) => loadWithFaults(database, { [kind]: RATE }, 3),
  );
}

forEachDatabase(
  `All faults together, each at ${RATE * 100} %, leave no trace in the candles`,
  ({ database }) =>
    loadWithFaults(database, Object.fromEntries(FAULT_KINDS.map((kind) => [kind, RATE])), 12),
);
