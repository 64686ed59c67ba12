/** `deno task etl add AAPL [--mic XNGS]`: exit code 0 all are on the watchlist, 2 some, 1 none. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { describeAdded } from "../add_report.ts";
import { addInstruments } from "../instruments.ts";
import { printResult, withChandlery } from "./command.ts";

interface AddOptions {
  mic?: string;
  json?: boolean;
}

export function addAdd(program: Command): void {
  program.command("add")
    .description("Puts instruments on the watchlist; one search (one credit) each.")
    .argument("<symbols...>", "such as AAPL, BTC/USD or RY:TSX")
    .option("--mic <code>", "the listing that is meant, by its market identifier code: XNGS")
    .option("--json", "print one JSON document for scripts")
    .action((symbols: string[], options: AddOptions) =>
      runCommandLine(() => addSymbols(symbols, options))
    );
}

function addSymbols(symbols: string[], { mic, json }: AddOptions): Promise<number> {
  return withChandlery(async (chandlery) => {
    const results = await addInstruments(chandlery, symbols, { mic });
    printResult(results, json, results.map(describeAdded).filter(Boolean).join("\n"));
    const failed = results.filter((result) => "error" in result);
    for (const { error } of failed) console.error(`error: ${error}`);
    if (failed.length === 0) return 0;
    return failed.length === results.length ? 1 : 2;
  });
}
