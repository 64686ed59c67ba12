/** `deno task etl import-splits FILE.csv`: all splits of a file or, with one wrong row, none. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { OperatorError } from "../../market/errors.ts";
import { importSplits } from "../import_splits.ts";
import { printResult, withChandlery } from "./command.ts";

interface ImportOptions {
  dryRun?: boolean;
  json?: boolean;
}

export function addImportSplits(program: Command): void {
  program.command("import-splits")
    .description(
      "Stores the splits of a CSV file: symbol,date,from_factor,to_factor[,description], or ratio (4:1) " +
        "for the factors. The date is the first that trades at the new price.",
    )
    .argument("<file>")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--json", "print one JSON document for scripts")
    .action((file: string, options: ImportOptions) =>
      runCommandLine(() => importFile(file, options))
    );
}

function importFile(name: string, { dryRun, json }: ImportOptions): Promise<number> {
  return withChandlery(async (chandlery) => {
    const content = (await openFile(name)).readable;
    const counts = await importSplits(chandlery, { name, content }, { dryRun });
    const { inserted, changed, unchanged } = counts;
    const prefix = dryRun ? "Would be: " : "";
    const text = `${prefix}${inserted} new, ${changed} changed, ${unchanged} as before`;
    printResult({ ...counts, dryRun: dryRun ?? false }, json, text);
    return 0;
  });
}

async function openFile(name: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(name);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new OperatorError(
      `Cannot import ${name} as it cannot be read: ${error.message}; check the path`,
      { cause: error },
    );
  }
}
