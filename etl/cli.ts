/** `deno task etl [COMMAND]`: everything that the ETL can be told by hand. */
import { Command } from "commander";
import { addRun } from "./cli/run.ts";

const program = new Command("etl")
  .description(
    "Loads what is new of every series of the watchlist, once; or one of the commands below.",
  );
program.enablePositionalOptions();
addRun(program);

await program.parseAsync(Deno.args, { from: "user" });
