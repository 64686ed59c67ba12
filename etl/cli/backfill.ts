/** `deno task etl backfill`: history of any window. Exit codes as of a run. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { OperatorError } from "../../market/errors.ts";
import type { Interval } from "../../market/interval.ts";
import { runBackfill } from "../backfill.ts";
import { showProgress } from "../progress.ts";
import { describeReport } from "../report.ts";
import { printReport, withChandlery } from "./command.ts";
import { instantOption, intervalsOption, symbolsOption } from "./options.ts";
import { EXIT_CODES } from "./run.ts";

const NOTED =
  "Another backfill is under way: this one is noted, and the scheduled runs go on with it.";

interface Options {
  from: Date;
  to?: Date;
  symbols?: string[];
  intervals?: Interval[];
  again?: true;
  json?: true;
}

/** Adds the command that loads history. */
export function addBackfill(program: Command): void {
  program.command("backfill")
    .description(
      "Loads older candles, page by page, backwards. It can be ended at any time: the same command, and " +
        "every scheduled run, goes on where it was.",
    )
    .requiredOption("--from <date>", "first instant, such as 2020-01-01, UTC", instantOption)
    .option(
      "--to <date>",
      "where to begin (not included); default: where the series begins",
      instantOption,
    )
    .option("--symbols <list>", "comma-separated; default: the watchlist", symbolsOption)
    .option("--intervals <list>", "comma-separated; default: INTERVALS", intervalsOption)
    .option("--again", "read also what is loaded already")
    .option("--json", "print one JSON document for scripts")
    .action((options: Options) => runCommandLine(() => backfill(options)));
}

function backfill({ from, to, symbols, intervals, again, json }: Options): Promise<number> {
  if (to && to <= from) {
    throw new OperatorError(
      `Cannot backfill as --to must be later than --from: ${to.toISOString()} is not`,
    );
  }
  if (from > new Date()) {
    throw new OperatorError(
      `Cannot backfill as --from must be in the past: ${from.toISOString()} is not`,
    );
  }
  return withChandlery(async (chandlery, config) => {
    const progress = showProgress("Backfill");
    try {
      const input = {
        symbols: symbols ?? config.symbols,
        isOnlyThese: symbols !== undefined,
        intervals: intervals ?? config.intervals,
        from,
        to,
        isAgain: again,
      };
      const report = await chandlery.run((deps) => runBackfill(deps, input), progress.update);
      progress.stop();
      const text = report.status === "locked" ? NOTED : describeReport(report);
      printReport(report, json, text);
      return EXIT_CODES[report.status];
    } finally {
      progress.stop();
    }
  });
}
