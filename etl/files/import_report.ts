/** What became of an imported file: as data, and in words. */
import Table from "cli-table3";
import type { Source } from "../../market/instrument.ts";
import type { ImportInput } from "./import_input.ts";
import type { ImportProgress } from "./import_progress.ts";
import type { Refusal } from "./load_series.ts";
import type { FileSeries, SeriesCounts } from "./series.ts";

/** What became of a file, in its rows. */
export interface ImportReport extends SeriesCounts {
  /** ok: every row is stored; partial: some were rejected; failed: none is stored. */
  status: "ok" | "partial" | "failed";
  file: string;
  source: Source;
  isDryRun: boolean;
  /** Null for a dry run. */
  runId: number | null;
  durationMs: number;
  rows: number;
  /** Rows of other symbols and intervals than those to take. */
  skipped: number;
  series: (SeriesCounts & Pick<FileSeries, "symbol" | "interval" | "error">)[];
  /** The first rows that were rejected, each for itself: those of a series with an error are not among them. */
  refusals: Refusal[];
}

/** The sums of an import that has read its file. */
export function reportOf(
  { name, source, isDryRun }: ImportInput,
  progress: ImportProgress,
  now: Date,
): ImportReport {
  const { startedAt, runId, rows, skipped, strays, refusals } = progress;
  const series = Array.from(
    progress.series.values(),
    ({ symbol, interval, error, counts }) => ({ symbol, interval, error, ...counts }),
  );
  const sum = (key: keyof SeriesCounts) => series.reduce((total, one) => total + one[key], 0);
  const rejected = sum("rejected") + strays;
  const isNothing = rejected + skipped === rows;
  return {
    status: isNothing ? "failed" : rejected > 0 ? "partial" : "ok",
    file: name,
    source,
    isDryRun,
    runId,
    durationMs: now.getTime() - startedAt.getTime(),
    rows,
    inserted: sum("inserted"),
    updated: sum("updated"),
    revised: sum("revised"),
    unchanged: sum("unchanged"),
    rejected,
    skipped,
    series,
    refusals: refusals.sort((a, b) => a.line - b.line),
  };
}

/**
 * The report as a table and sentences, for a terminal.
 * @param shown the source that the site shows
 */
export function describeImport(report: ImportReport, shown: Source): string {
  const { isDryRun, source, status, series, refusals, rejected, skipped } = report;
  const table = new Table({
    head: ["symbol", "interval", "new", "updated", "revised", "unchanged", "rejected"],
    colAligns: [...Array(2).fill("left"), ...Array(5).fill("right")],
    style: { head: [], border: [], compact: true },
  });
  for (const { symbol, interval, ...counts } of series) {
    const { inserted, updated, revised, unchanged, rejected } = counts;
    table.push([symbol, interval, inserted, updated, revised, unchanged, rejected]);
  }
  const refused = series.filter(({ error }) => error !== null);
  const more = refused.reduce((rest, { rejected }) => rest - rejected, rejected) - refusals.length;
  const isHidden = source !== shown && !isDryRun && status !== "failed";
  return [
    table.toString(),
    ...refused.map(({ error, rejected }) => `${error} (${rejected} rows)`),
    ...refusals.map(({ line, reason }) => `line ${line}: ${reason}`),
    ...(refusals.length > 0 && more > 0 ? [`and ${more} more rows that were rejected`] : []),
    ...(skipped > 0 ? [`${skipped} rows of other symbols or intervals were left out`] : []),
    isDryRun
      ? `Dry run of ${report.rows} rows: nothing was written`
      : `Run ${report.runId}: ${report.status}, ${report.rows} rows in ${
        (report.durationMs / 1000).toFixed(1)
      } s`,
    ...(isHidden
      ? [
        `They are kept as source ${source}: deno task etl export --source ${source} writes them; the site shows ${shown}.`,
      ]
      : []),
  ].join("\n");
}
