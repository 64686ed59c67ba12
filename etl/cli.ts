/** `deno task etl`: one run, its steps as a table. Exit code 0 all steps ok, 2 some failed, 1 none. */
import Table from "cli-table3";
import { Command } from "commander";
import { configureLogs, runCommandLine } from "../command_line.ts";
import { loadConfig } from "../config.ts";
import { openDatabase } from "../db/connect.ts";
import { migrate } from "../db/migrate.ts";
import { openProvider } from "../provider.ts";
import { showProgress } from "./progress.ts";
import { runEtl, type RunReport } from "./run.ts";

const EXIT_CODES = { ok: 0, locked: 0, partial: 2, failed: 1, interrupted: 1 };

async function runOnce(options: { json?: boolean }): Promise<number> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const now = () => new Date();
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  const database = await openDatabase(config);
  const progress = showProgress("Loading");
  try {
    await migrate(database.sql);
    const { note, ...provider } = await openProvider(config, now);
    if (!options.json) console.error(`${note} Kept in ${database.description}.`);
    const report = await runEtl(
      { database, ...provider, now, signal: stop.signal, onProgress: progress.update },
      { trigger: "manual", symbols: config.symbols, intervals: config.intervals },
    );
    progress.stop();
    console.log(options.json ? JSON.stringify(report, jsonError, 2) : describeReport(report));
    return EXIT_CODES[report.status];
  } finally {
    progress.stop();
    await database.close();
  }
}

function describeReport(report: RunReport): string {
  if (report.status === "locked") return "Another run is under way: nothing was done.";
  const table = new Table({
    head: [
      "symbol",
      "interval",
      "status",
      "fetched",
      "new",
      "updated",
      "revised",
      "rejected",
      "ms",
    ],
    colAligns: [...Array(3).fill("left"), ...Array(6).fill("right")],
    style: { head: [], border: [], compact: true },
  });
  for (const step of report.steps) {
    table.push([
      step.symbol,
      step.candleInterval,
      step.status,
      step.candlesFetched,
      step.candlesInserted,
      step.candlesUpdated,
      step.candlesRevised,
      step.rowsRejected,
      step.durationMs,
    ]);
  }
  const failures = report.steps
    .filter((step) => step.error !== null && step.cause !== report.error)
    .map((step) => `${step.symbol} ${step.candleInterval}: ${step.error}`);
  const seconds = (report.durationMs / 1000).toFixed(1);
  return [
    table.toString(),
    ...failures,
    `Run ${report.runId}: ${report.status} after ${seconds} s`,
    ...(report.error ? [`error: ${report.error.message}`] : []),
  ].join("\n");
}

/** Errors have no enumerable properties: without this they would print as `{}`. */
function jsonError(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}

const program = new Command("etl")
  .description("Loads what is new of every series of the settings SYMBOLS and INTERVALS, once.")
  .option("--json", "print one JSON document for scripts")
  .action((options) => runCommandLine(() => runOnce(options)));

await program.parseAsync(Deno.args, { from: "user" });
