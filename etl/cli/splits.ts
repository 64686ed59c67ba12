/** `deno task etl splits [SYMBOL…]`: exit code 0 all were asked for, 2 some failed, 1 all or the plan has none. */
import type { Command } from "commander";
import { runCommandLine } from "../../command_line.ts";
import { listSuspectedSplits } from "../../db/splits.ts";
import { fetchAndStoreSplits, type FetchedSplits } from "../splits.ts";
import { printResult, withChandlery } from "./command.ts";

export function addSplits(program: Command): void {
  program.command("splits")
    .description(
      "Fetches the splits of stocks and ETFs (20 credits each, on plans that have them), and says where " +
        "prices and splits do not fit.",
    )
    .argument("[symbols...]", "every active stock and ETF when there are none")
    .option("--json", "print one JSON document for scripts")
    .action((symbols: string[], options: { json?: boolean }) =>
      runCommandLine(() => fetchSplits(symbols, options))
    );
}

function fetchSplits(symbols: string[], { json }: { json?: boolean }): Promise<number> {
  return withChandlery(async (chandlery) => {
    const fetched = await fetchAndStoreSplits(chandlery, symbols);
    const suspected = await listSuspectedSplits(chandlery.sql, chandlery.source);
    printResult(
      { fetched, suspected },
      json,
      [
        ...fetched.filter(({ error }) => error === null).map(describeFetched),
        ...suspected.map(({ symbol, candleInterval, noticedOn, detail }) =>
          `${symbol} ${candleInterval} on ${noticedOn}: ${detail}`
        ),
      ].join("\n"),
    );
    const failed = fetched.filter(({ error }) => error !== null);
    for (const { error } of failed) console.error(`error: ${error}`);
    if (failed.length === 0) return 0;
    return failed.length === fetched.length ? 1 : 2;
  });
}

function describeFetched(fetched: FetchedSplits): string {
  const { symbol, inserted, changed, unchanged, announced } = fetched;
  const later = announced > 0 ? `, ${announced} announced for a later date` : "";
  return `${symbol}: ${inserted} new, ${changed} changed, ${unchanged} as before${later}`;
}
