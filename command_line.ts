/** What every command line does alike: logs, one line for an error the operator can mend, exit codes. */
import { configureSync, getTextFormatter, type LogLevel } from "@logtape/logtape";
import { explainDatabaseError } from "./db/errors.ts";
import { OperatorError } from "./market/errors.ts";

/**
 * Runs a command and ends the process with its exit code. An error that the operator can mend is
 * printed as one line, any other with its stack; both end with exit code 1.
 */
export async function runCommandLine(command: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await command());
  } catch (error) {
    fail(error);
  }
}

/** Prints an error, as {@linkcode runCommandLine} does, and ends the process with exit code 1. */
export function fail(error: unknown): never {
  const known = explainDatabaseError(error);
  console.error(known ? `error: ${known.message}` : error);
  Deno.exit(1);
}

/** What a log says of an error: one line for one that the operator can mend, else all there is. */
export function reasonOf(error: unknown): unknown {
  return error instanceof OperatorError ? error.message : error;
}

/** Sends the logs of this level and above to the standard error. */
export function configureLogs(lowestLevel: LogLevel): void {
  const format = getTextFormatter({ value: "bare" });
  configureSync({
    sinks: { stderr: (record) => console.error(format(record).trimEnd()) },
    loggers: [
      { category: "chandlery", sinks: ["stderr"], lowestLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}
