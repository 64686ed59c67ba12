import assert from "node:assert/strict";
import { type Database, openDatabase } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import type { RunReport } from "../../etl/record.ts";
import { runEtl, type RunInput } from "../../etl/run.ts";
import { OperatorError } from "../../market/errors.ts";
import { Random } from "../../simulator/random.ts";
import { createServerDatabase, testWithServer } from "../support/databases.ts";
import {
  assertNothingHalfWritten,
  assertSameLines,
  candleLines,
  dependenciesOf,
} from "../support/loads.ts";
import type { PostgresServer } from "../support/postgres.ts";

const INPUT: RunInput = {
  trigger: "cron",
  symbols: ["AAPL", "MSFT", "BTC/USD", "EUR/USD"],
  intervals: ["1h", "15min", "1day"],
};
const NOW = new Date("2026-11-20T18:20:00Z");

async function openMigrated(): Promise<Database> {
  const databaseUrl = await createServerDatabase();
  const database = await openDatabase({ databaseUrl, dataDir: "unused" });
  await migrate(database.sql);
  return database;
}

function load(database: Database, options: { onRequest?: () => void | Promise<void> } = {}) {
  const deps = dependenciesOf(database, { now: () => NOW });
  const { provider } = deps;
  const fetched: typeof provider = {
    ...provider,
    async fetchTimeSeriesBatch(...args) {
      await options.onRequest?.();
      return await provider.fetchTimeSeriesBatch(...args);
    },
  };
  return runEtl({ ...deps, provider: fetched }, INPUT);
}

async function loadUndisturbed(): Promise<string[]> {
  const database = await openMigrated();
  try {
    const report = await load(database);
    assert.ok(report.status === "ok", JSON.stringify(report));
    return await candleLines(database.sql);
  } finally {
    await database.close();
  }
}

/** What a run that was cut off may end as: done, or one clear line. */
async function outcomeOf(run: Promise<RunReport>): Promise<string> {
  try {
    const report = await run;
    return report.status;
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error));
    assert.match(error.message, /^(Cannot reach |The connection to |)PostgreSQL at 127\.0\.0\.1/);
    assert.ok(!error.message.includes("\n"));
    return "one clear line";
  }
}

/** The next run of the same process does the rest. */
async function assertNextRunCompletes(database: Database, expected: string[]): Promise<void> {
  await assertNothingHalfWritten(database.sql);
  const report = await load(database);
  assert.equal(report.status, "ok", JSON.stringify(report));
  assertSameLines(await candleLines(database.sql), expected);
  await assertNothingHalfWritten(database.sql);
  const runs = await database.sql`select status from market.runs order by id`;
  assert.ok(runs.every(({ status }) => status !== "running"), JSON.stringify(runs));
}

/** Cuts the server off at a run's second request, and lets it back when `whileDown` has ended. */
async function cutAtSecondRequest(
  server: PostgresServer,
  database: Database,
  whileDown: (run: Promise<string>) => Promise<void>,
): Promise<string> {
  let requests = 0;
  let restarted: Promise<void> | undefined;
  const run: Promise<string> = outcomeOf(load(database, {
    onRequest() {
      if (++requests !== 2) return;
      return new Promise<void>((cut) => {
        restarted = server.restart(async () => {
          cut();
          await whileDown(run);
        });
      });
    },
  }));
  const outcome = await run;
  assert.ok(restarted, "the run came to its second request");
  await restarted;
  return outcome;
}

testWithServer(
  "A run whose database is gone for 20 s ends with one clear line, and the next does the rest",
  async (server) => {
    const expected = await loadUndisturbed();
    const database = await openMigrated();
    try {
      const outcome = await cutAtSecondRequest(server, database, async (run) => {
        const back = new Promise((resolve) => setTimeout(resolve, 20_000));
        await Promise.all([run, back]);
      });
      assert.equal(outcome, "one clear line");
      await assertNextRunCompletes(database, expected);
    } finally {
      await database.close();
    }
  },
);

testWithServer(
  "A run whose database is cut off at any moment leaves nothing half written",
  async (server) => {
    const expected = await loadUndisturbed();
    const random = new Random(3);
    for (let i = 0; i < 5; i++) {
      const database = await openMigrated();
      try {
        const run = outcomeOf(load(database));
        await new Promise((resolve) => setTimeout(resolve, random.uniform() * 300));
        // Back at once, or only when the run has noticed.
        const whileDown = async () => i % 2 === 0 ? undefined : void await run;
        await Promise.all([run, server.restart(whileDown)]);
        await assertNextRunCompletes(database, expected);
      } finally {
        await database.close();
      }
    }
  },
);
