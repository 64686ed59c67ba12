/** `deno task etl retry`: asks again for what the provider refused. Exit codes as of a run. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { clearRefusals } from "../../db/refusals.ts";
import { runOnce } from "./run.ts";

/** Adds the command that forgets refusals and loads. */
export function addRetry(program: Command): void {
  program.command("retry [symbols...]")
    .description(
      "Asks again for series that the provider refused, such as those that needed another plan: all of " +
        "them, or those of the symbols. Then runs as without a command.",
    )
    .option("--json", "print one JSON document for scripts")
    .action((symbols: string[], { json }: { json?: true }) =>
      runCommandLine(() =>
        runOnce({
          json,
          before: async ({ sql, source }) => {
            const named = symbols.length > 0 ? symbols : undefined;
            const count = await clearRefusals(sql, source, named);
            console.error(`${count} refused series are asked for again.`);
          },
        })
      )
    );
}
