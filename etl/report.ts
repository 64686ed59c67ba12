/** What became of a run, in words: for the log and for a terminal. */
import { getLogger } from "@logtape/logtape";
import Table from "cli-table3";
import type { RunReport } from "./record.ts";

const logger = getLogger(["chandlery", "etl"]);

/** A report as a table and sentences, for a terminal. */
export function describeReport(report: RunReport): string {
  if (report.status === "locked") return "Another run is under way: nothing was done.";
  const table = new Table({
    head: [
      "symbol",
      "interval",
      "for",
      "status",
      "fetched",
      "new",
      "updated",
      "revised",
      "rejected",
      "ms",
    ],
    colAligns: [...Array(4).fill("left"), ...Array(6).fill("right")],
    style: { head: [], border: [], compact: true },
  });
  for (const step of report.steps) {
    table.push([
      step.symbol,
      step.candleInterval,
      step.purpose,
      step.reason === null ? step.status : `${step.status}: ${step.reason.replaceAll("_", " ")}`,
      step.candlesFetched,
      step.candlesInserted,
      step.candlesUpdated,
      step.candlesRevised,
      step.rowsRejected,
      step.durationMs,
    ]);
  }
  const failures = report.steps
    .filter((step) => step.error !== null && step.cause !== report.error)
    .map((step) => `${step.symbol} ${step.candleInterval}: ${step.error}`);
  const seconds = (report.durationMs / 1000).toFixed(1);
  return [
    ...(report.steps.length > 0 ? [table.toString()] : []),
    ...failures,
    ...report.notes,
    `Run ${report.runId}: ${report.status} after ${seconds} s`,
  ].join("\n");
}

/** A line in the log for the run, and one for each series that failed. */
export function logReport(report: RunReport): void {
  if (report.status === "locked") {
    logger.info("Another run is under way: nothing was done");
    return;
  }
  const { status, runId, steps, notes, error } = report;
  const properties = {
    runId,
    status,
    inserted: steps.reduce((sum, step) => sum + step.candlesInserted, 0),
    seconds: (report.durationMs / 1000).toFixed(1),
    reason: error ? `: ${error.message}` : "",
  };
  const text = "Run {runId}: {status}, {inserted} new candles in {seconds} s{reason}";
  if (status === "ok") logger.info(text, properties);
  else logger.warn(text, properties);
  for (const step of steps) {
    // What is skipped was said when it was refused.
    if (step.status === "failed" && step.cause !== error) {
      logger.warn("{symbol} {candleInterval}: {error}", { ...step });
    }
  }
  for (const note of notes) logger.info("{note}", { note });
}
