/** `deno task etl activate SYMBOL…` and `deactivate SYMBOL…`: the watchlist grows and shrinks, the data stays. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { switchInstruments } from "../instruments.ts";
import { printResult, withChandlery } from "./command.ts";

/** Adds both commands. */
export function addActivate(program: Command): void {
  addSwitch(program, "activate", true, "Puts instruments back on the watchlist.");
  addSwitch(
    program,
    "deactivate",
    false,
    "Takes instruments off the watchlist, also those of SYMBOLS; their candles stay.",
  );
}

function addSwitch(program: Command, name: string, isActive: boolean, description: string): void {
  program.command(name)
    .description(description)
    .argument("<symbols...>", "as they are stored: AAPL, BTC/USD")
    .option("--json", "print one JSON document for scripts")
    .action((symbols: string[], { json }: { json?: boolean }) =>
      runCommandLine(() =>
        withChandlery(async (chandlery) => {
          const switched = await switchInstruments(chandlery, symbols, isActive);
          const state = isActive ? "active" : "inactive";
          const lines = switched.map(({ symbol, isChanged }) =>
            `${symbol} is ${isChanged ? "now" : "already"} ${state}`
          );
          printResult(switched, json, lines.join("\n"));
          return 0;
        })
      )
    );
}
