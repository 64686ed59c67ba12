/** `deno task etl`: one run. Exit code 0 all steps ok, 2 some failed, 1 none or stopped. */
import type { Command } from "commander";
import type { Chandlery } from "../../chandlery.ts";
import { runCommandLine } from "../../command_line.ts";
import { OperatorError } from "../../market/errors.ts";
import { showProgress } from "../progress.ts";
import { describeReport } from "../report.ts";
import { printReport, withChandlery } from "./command.ts";

/** The exit code of each way in which a run can end. */
export const EXIT_CODES = { ok: 0, locked: 0, partial: 2, failed: 1, interrupted: 1 };

/** Makes a run what the program does when no command is named. */
export function addRun(program: Command): void {
  program
    .option("--json", "print one JSON document for scripts")
    .allowExcessArguments()
    .action((options: { json?: boolean }) =>
      runCommandLine(() => {
        const [unknown] = program.args;
        if (unknown === undefined) return runOnce(options);
        throw new OperatorError(
          `Cannot run the command "${unknown}" as there is none of that name: see deno task etl --help`,
        );
      })
    );
}

/** Runs once and prints the report; answers the exit code. */
export function runOnce(
  { json, before }: { json?: boolean; before?: (chandlery: Chandlery) => Promise<void> },
): Promise<number> {
  return withChandlery(async (chandlery) => {
    await before?.(chandlery);
    const progress = showProgress("Loading");
    try {
      const report = await chandlery.load("manual", progress.update);
      progress.stop();
      printReport(report, json, describeReport(report));
      return EXIT_CODES[report.status];
    } finally {
      progress.stop();
    }
  });
}
