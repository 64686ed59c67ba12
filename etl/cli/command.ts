/** What every command of `deno task etl` does alike: settings, logs, an open chandlery, signals, `--json`. */
import { type Chandlery, openChandlery } from "../../chandlery.ts";
import { configureLogs } from "../../command_line.ts";
import { type Config, loadConfig } from "../../config.ts";
import type { RunReport } from "../record.ts";

/**
 * Opens what the settings ask for, works with it and closes it. Ctrl-C closes it too, which ends a run
 * between two writes.
 *
 * @returns what `work` returns: the exit code.
 */
export async function withChandlery(
  work: (chandlery: Chandlery, config: Config) => Promise<number>,
): Promise<number> {
  const config = loadConfig();
  configureLogs(config.logLevel);
  const chandlery = await openChandlery(config, () => new Date());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void chandlery.close());
  }
  try {
    console.error(
      `The data is ${chandlery.sourceNote}\nIt is kept in ${chandlery.database.description}.`,
    );
    return await work(chandlery, config);
  } finally {
    await chandlery.close();
  }
}

/** Prints what became of a run; what stopped it goes to the standard error, as every error does. */
export function printReport(report: RunReport, isJson: boolean | undefined, text: string): void {
  printResult(report, isJson, text);
  if (report.status !== "locked" && report.error) console.error(`error: ${report.error.message}`);
}

/** Prints a result: one JSON document for scripts, or `text` for people. */
export function printResult(result: unknown, isJson: boolean | undefined, text: string): void {
  console.log(isJson ? JSON.stringify(result, errorAsText, 2) : text);
}

/** Errors have no enumerable properties: without this they would print as `{}`. */
function errorAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}
