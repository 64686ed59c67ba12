/** `deno task etl export`: stored candles as CSV, JSON lines or Parquet. Exit code 0, 1 when it failed. */
import { type Command, Option } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { OperatorError } from "../../market/errors.ts";
import { Source } from "../../market/instrument.ts";
import type { Interval } from "../../market/interval.ts";
import { exportCandles } from "../export.ts";
import { type Format, FORMATS } from "../files/formats.ts";
import { openFileOutput, openStandardOutput } from "../files/output.ts";
import { withChandlery } from "./command.ts";
import { instantOption, intervalsOption, symbolsOption } from "./options.ts";

interface ExportOptions {
  symbol?: string[];
  interval?: Interval[];
  from?: Date;
  to?: Date;
  source?: Source;
  format: Format;
  output?: string;
}

const HELP = `
Without --symbol and --interval it is everything that is stored of the source, by symbol, interval and
time; instruments that were deactivated too. Prices are exact in every format: as they are stored in
CSV and JSON lines (there as texts), decimal(38, 15) in Parquet. Times are UTC. The CSV also says what
each instrument is, so that deno task etl import restores it into an empty database.

--output replaces a file of that name, once the new one is complete.

Examples:
  deno task etl export --symbol AAPL,BTC/USD --interval 1h --from 2025-01-01 --output candles.csv
  deno task etl export --format parquet --output candles.parquet
  deno task etl export | gzip > candles.csv.gz
`;

export function addExport(program: Command): void {
  program.command("export")
    .description("Writes stored candles, however many, as CSV, JSON lines or Parquet.")
    .option("--symbol <list>", "only these instruments, comma-separated", symbolsOption)
    .option("--interval <list>", "only these intervals, comma-separated", intervalsOption)
    .option("--from <date>", "first open time, such as 2020-01-01, UTC", instantOption)
    .option("--to <date>", "where to end (not included)", instantOption)
    .addOption(
      new Option("--source <source>", "instead of the one that the site shows")
        .choices(Source.options),
    )
    .addOption(new Option("--format <format>").choices(FORMATS).default("csv"))
    .option("--output <file>", "instead of the standard output; Parquet needs it")
    .addHelpText("after", HELP)
    .action((options: ExportOptions) => runCommandLine(() => runExport(options)));
}

async function runExport(options: ExportOptions): Promise<number> {
  const { symbol: symbols, interval: intervals, from, to, format, output: path } = options;
  if (format === "parquet" && path === undefined) {
    throw new OperatorError(
      "Cannot write Parquet to the standard output: name a file with --output",
    );
  }
  if (from && to && to <= from) {
    throw new OperatorError(
      `Cannot export as --to must be later than --from: current value is ${to.toISOString()}; give a later one`,
    );
  }
  return await withChandlery(async (chandlery) => {
    const source = options.source ?? chandlery.source;
    const filter = { source, symbols, intervals, from, to };
    const output = path === undefined ? openStandardOutput() : await openFileOutput(path);
    const { candles, series } = await chandlery.run((deps) =>
      exportCandles(deps, filter, format, output)
    );
    console.error(`${candles} candles of ${series} series of source ${source}`);
    return 0;
  });
}
