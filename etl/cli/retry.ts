/** `deno task etl retry`: asks again for what the provider refused. Exit codes as of a run. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import type { Sql } from "../../db/connect.ts";
import { clearRefusals, listRefusals } from "../../db/refusals.ts";
import { OperatorError } from "../../market/errors.ts";
import type { Source } from "../../market/instrument.ts";
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
            await forgetRefusals(sql, source, symbols);
          },
        })
      )
    );
}

async function forgetRefusals(sql: Sql, source: Source, symbols: string[]): Promise<void> {
  const refused = new Set((await listRefusals(sql, source)).map(({ symbol }) => symbol));
  const unknown = symbols.find((symbol) => !refused.has(symbol));
  if (unknown !== undefined) {
    const known = refused.size > 0 ? `refused are ${[...refused].join(", ")}` : "none is";
    throw new OperatorError(`Cannot retry ${unknown} as it was not refused: ${known}`);
  }
  const count = await clearRefusals(sql, source, symbols.length > 0 ? symbols : undefined);
  console.error(`Series that are asked for again: ${count}`);
}
