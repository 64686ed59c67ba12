/** `deno task etl import FILE`: candles out of a CSV file. Exit code 0 all rows stored, 2 some, 1 none. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { OperatorError } from "../../market/errors.ts";
import { InstrumentKind, Source } from "../../market/instrument.ts";
import { Interval } from "../../market/interval.ts";
import { parseNamedColumns } from "../files/columns.ts";
import { describeImport } from "../files/import_report.ts";
import { importFile } from "../import.ts";
import { printResult, withChandlery } from "./command.ts";
import { symbolsOption } from "./options.ts";

const EXIT_CODES = { ok: 0, partial: 2, failed: 1 };

interface ImportOptions {
  interval?: Interval;
  symbol?: string[];
  kind?: InstrumentKind;
  timezone: string;
  source: Source;
  columns?: string;
  dryRun?: boolean;
  json?: boolean;
}

const HELP = `
The columns are recognised by their header: exports of this program, Twelve Data, Yahoo, Stooq, and
what names its columns alike (datetime or date, open, high, low, close; volume where there is one).
The raw close is stored; an adjusted one ("Adj Close") is not. Separators , ; tab and | are found.

Times with an offset are taken as they are. Others are local to --timezone; the hour that the clocks
pass twice in autumn counts as the first of the two, one that they skip in spring is rejected.
Candles of a day or longer have the date as it is written.

A row that cannot be stored is rejected, and the others load. Doing it again changes nothing.
An export of this program says what its instruments are; for other files --kind does. The candles are
kept as source import: deno task etl export --source import writes them; the site shows its own source.

Examples:
  deno task etl import AAPL.csv --interval 1day --symbol AAPL --kind stock
  deno task etl import hourly.csv --interval 1h --symbol AAPL --timezone America/New_York --dry-run
  zcat all.csv.gz | deno task etl import - --source twelve_data    (an export of that source)
`;

export function addImport(program: Command): void {
  program.command("import")
    .description("Stores the candles of a CSV file of any size.")
    .argument("<file>", "the file; - reads the standard input")
    .addOption(
      new Option(
        "--interval <interval>",
        "of all rows, or of the rows to take where a column has it",
      )
        .choices(Interval.options),
    )
    .option(
      "--symbol <list>",
      "the instrument, or those to take where a column has it, comma-separated",
      symbolsOption,
    )
    .addOption(
      new Option("--kind <kind>", "what an instrument is that is not stored yet")
        .choices(InstrumentKind.options),
    )
    .option("--timezone <zone>", "IANA name of the zone of local times", parseTimezone, "UTC")
    .addOption(
      new Option("--source <source>", "another one only restores an export of that source")
        .choices(Source.options).default("import"),
    )
    .option(
      "--columns <columns>",
      "what holds what where the header does not say it: datetime=Day,close=Last; symbol= leaves one out",
    )
    .option("--dry-run", "say what would change, and write nothing")
    .option("--json", "print one JSON document for scripts")
    .addHelpText("after", HELP)
    .action((file: string, options: ImportOptions) =>
      runCommandLine(() => runImport(file, options))
    );
}

async function runImport(file: string, options: ImportOptions): Promise<number> {
  const { interval = null, symbol: symbols = [], kind = null, timezone, source } = options;
  const columns = options.columns === undefined ? {} : parseNamedColumns(options.columns);
  const isDryRun = options.dryRun === true;
  const name = file === "-" ? "the standard input" : file;
  const bytes = file === "-" ? Deno.stdin.readable : await openFile(file);
  return await withChandlery(async (chandlery) => {
    const input = { name, bytes, source, symbols, interval, kind, timezone, columns, isDryRun };
    const report = await chandlery.run((deps) => importFile(deps, input));
    printResult(report, options.json, describeImport(report, chandlery.source));
    return EXIT_CODES[report.status];
  });
}

async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new OperatorError(`Cannot read ${path} as it is a folder: name a file`);
    return (await Deno.open(path)).readable;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file: correct the name"
      : error instanceof Deno.errors.PermissionDenied
      ? "that is not permitted: allow it with chmod"
      : `that failed: ${error instanceof Error ? error.message : error}`;
    throw new OperatorError(`Cannot read ${path} as ${why}`, { cause: error });
  }
}

function parseTimezone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError("It must be an IANA name such as America/New_York.");
  }
}
