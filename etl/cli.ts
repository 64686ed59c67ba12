/** `deno task etl`: one run, its steps as a table. Exit code 0 all steps ok, 2 some failed, 1 none. */
import { Command } from "commander";
import { openChandlery } from "../chandlery.ts";
import { configureLogs, runCommandLine } from "../command_line.ts";
import { loadConfig } from "../config.ts";
import { showProgress } from "./progress.ts";
import { describeReport } from "./report.ts";

const EXIT_CODES = { ok: 0, locked: 0, partial: 2, failed: 1, interrupted: 1 };

async function runOnce(options: { json?: boolean }): Promise<number> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const chandlery = await openChandlery(config, () => new Date());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void chandlery.close());
  }
  const progress = showProgress("Loading");
  try {
    const { sourceNote, database } = chandlery;
    console.error(`The data is ${sourceNote}\nIt is kept in ${database.description}.`);
    const report = await chandlery.load("manual", progress.update);
    progress.stop();
    console.log(options.json ? JSON.stringify(report, jsonError, 2) : describeReport(report));
    return EXIT_CODES[report.status];
  } finally {
    progress.stop();
    await chandlery.close();
  }
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
