/** A whole way for tests of runs: a simulator on a socket, the client, and what a run depends on. */
import assert from "node:assert/strict";
import type { Database } from "../../db/connect.ts";
import { createUnlimitedCredits } from "../../etl/credits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import type { RunDependencies, RunReport } from "../../etl/record.ts";
import type { StepReport } from "../../etl/step.ts";
import { serveSimulator } from "../../simulator/serve.ts";
import type { SimulatorOptions } from "../../simulator/simulator.ts";

/** A Friday afternoon on which every market is open. */
export const NOW = new Date("2026-11-20T18:20:00Z");

/** Calls `fn` with what runs need to load from a simulator that is told `options`. */
export async function withSimulator(
  database: Database,
  options: SimulatorOptions,
  fn: (deps: RunDependencies) => Promise<void>,
): Promise<void> {
  const now = options.now ?? (() => NOW);
  const simulator = serveSimulator({ port: 0, ...options, now });
  const credits = createUnlimitedCredits();
  const provider = createTwelveDataClient({
    baseUrl: simulator.url,
    source: "simulator",
    credits,
    // Nothing waits: a fault is tried again at once.
    clock: { now, sleep: () => Promise.resolve() },
  });
  try {
    await fn({ database, provider, source: "simulator", credits, now });
  } finally {
    await simulator.shutdown();
  }
}

/** The steps of a run that was not locked. */
export function stepsOf(report: RunReport): StepReport[] {
  assert.ok(report.status !== "locked");
  return report.steps;
}

/** What the steps counted together. */
export function sumOf(
  report: RunReport,
  count: "candlesInserted" | "candlesUpdated" | "candlesRevised" | "rowsRejected" | "credits",
): number {
  return stepsOf(report).reduce((total, step) => total + step[count], 0);
}
