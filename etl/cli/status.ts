/** `deno task etl status`: how everything stands. Exit code 0 whatever it says: it was asked and answered. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { getStatus } from "../../db/status.ts";
import { describeStatus } from "../status.ts";
import { printResult, withChandlery } from "./command.ts";

/** Adds the command that shows series, credits, backfills, the last runs and what needs attention. */
export function addStatus(program: Command): void {
  program.command("status")
    .description(
      "Shows how fresh every series is, the credits left, unfinished backfills, the last runs and what " +
        "needs attention. It asks the database only and spends no credit.",
    )
    .option("--json", "print one JSON document for scripts")
    .action(({ json }: { json?: true }) => runCommandLine(() => showStatus(json)));
}

function showStatus(json: true | undefined): Promise<number> {
  return withChandlery(async ({ sql, source, now, creditPlan, estimateEnd }) => {
    const status = await getStatus(sql, source, now(), creditPlan, estimateEnd);
    printResult(status, json, describeStatus(status));
    return 0;
  });
}
