/** `deno task etl [COMMAND]`: everything that the ETL can be told by hand. */
import { Command } from "commander";
import { addActivate } from "./cli/activate.ts";
import { addAdd } from "./cli/add.ts";
import { addBackfill } from "./cli/backfill.ts";
import { addExport } from "./cli/export.ts";
import { addGaps } from "./cli/gaps.ts";
import { addImport } from "./cli/import.ts";
import { addImportSplits } from "./cli/import_splits.ts";
import { addRetry } from "./cli/retry.ts";
import { addRun } from "./cli/run.ts";
import { addSplits } from "./cli/splits.ts";
import { addStatus } from "./cli/status.ts";

const program = new Command("deno task etl")
  .description(
    "Loads what is new of every series of the watchlist, once; or one of the commands below.",
  )
  // It has an action of its own, beside which commander would leave out the command that shows help.
  .helpCommand(true)
  // Else the program would take `--json` for itself before a command sees it.
  .enablePositionalOptions();

for (
  const add of [
    addRun,
    addStatus,
    addBackfill,
    addGaps,
    addImport,
    addExport,
    addAdd,
    addActivate,
    addSplits,
    addImportSplits,
    addRetry,
  ]
) add(program);

await program.parseAsync(Deno.args, { from: "user" });
