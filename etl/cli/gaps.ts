/** `deno task etl gaps`: what is missing. Exit code 0 nothing, 2 something to ask for, 1 a repair that failed. */
import type { Command } from "commander";
import type { Chandlery } from "../../chandlery.ts";
import { runCommandLine } from "../../command_line.ts";
import { type Gap, listGaps } from "../../db/gaps.ts";
import { listInstruments } from "../../db/instruments.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { OperatorError } from "../../market/errors.ts";
import type { Interval } from "../../market/interval.ts";
import { describeGaps, isOpenGap } from "../gap_report.ts";
import { repairGaps } from "../gaps.ts";
import { showProgress } from "../progress.ts";
import type { RunReport } from "../record.ts";
import { describeReport } from "../report.ts";
import { printResult, withChandlery } from "./command.ts";
import { instantOption, intervalsOption, symbolsOption } from "./options.ts";
import { EXIT_CODES } from "./run.ts";

interface Options {
  repair?: true;
  from?: Date;
  to?: Date;
  symbols?: string[];
  intervals?: Interval[];
  json?: true;
}

/** Adds the command that lists holes in the data, and asks for what is missing. */
export function addGaps(program: Command): void {
  program.command("gaps")
    .description(
      "Lists candles that should be there and are missing. The exit code is 2 when there are some that " +
        "the provider has not been asked for, or not for a while.",
    )
    .option("--repair", "ask the provider for them; what it does not have is remembered")
    .option("--from <date>", "first instant, such as 2020-01-01, UTC; default: all", instantOption)
    .option("--to <date>", "where to end (not included); default: all", instantOption)
    .option("--symbols <list>", "comma-separated; default: all that are active", symbolsOption)
    .option("--intervals <list>", "comma-separated; default: all", intervalsOption)
    .option("--json", "print one JSON document for scripts")
    .action((options: Options) => runCommandLine(() => showGaps(options)));
}

function showGaps({ repair, json, ...filter }: Options): Promise<number> {
  const { from, to } = filter;
  if (from && to && to <= from) {
    throw new OperatorError(
      `Cannot list gaps as --to must be later than --from: current value is ${to.toISOString()}; give a later one`,
    );
  }
  return withChandlery(async (chandlery) => {
    const { sql, source, now } = chandlery;
    await checkSymbols(chandlery, filter.symbols ?? []);
    await syncTradingDays(sql, now());
    const list = () => listGaps(sql, { ...filter, source, now: now() });
    let gaps = await list();
    const open = gaps.filter((gap) => isOpenGap(gap, now()));
    let report: RunReport | null = null;
    if (repair && open.length > 0) {
      report = await repairWithProgress(chandlery, open);
      gaps = await list();
    }
    const text = describeGaps(gaps, now());
    printResult(
      { repair: report, gaps },
      json,
      report ? `${describeReport(report)}\n${text}` : text,
    );
    if (report && report.status !== "locked" && report.error) {
      console.error(`error: ${report.error.message}`);
    }
    if (report && EXIT_CODES[report.status] === 1) return 1;
    return gaps.some((gap) => isOpenGap(gap, now())) ? 2 : 0;
  });
}

/** A mistyped symbol has no gaps, which must not read as if nothing were missing. */
async function checkSymbols({ sql, source }: Chandlery, symbols: string[]): Promise<void> {
  const known = new Set((await listInstruments(sql, source)).map(({ symbol }) => symbol));
  const unknown = symbols.filter((symbol) => !known.has(symbol));
  if (unknown.length === 0) return;
  throw new OperatorError(
    `Cannot list gaps as --symbols must name active instruments: current value is ${
      unknown.join(",")
    }; load them first`,
  );
}

async function repairWithProgress(chandlery: Chandlery, gaps: Gap[]): Promise<RunReport> {
  const progress = showProgress("Repairing");
  try {
    return await chandlery.run((deps) => repairGaps(deps, gaps), progress.update);
  } finally {
    progress.stop();
  }
}
