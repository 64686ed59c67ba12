/** Where an import stands: what its rows said so far, and which of them wait to be loaded. */
import { OperatorError } from "../../market/errors.ts";
import type { ImportInput } from "./import_input.ts";
import type { Refusal } from "./load_series.ts";
import type { ParsedRecord, SeriesName } from "./rows.ts";
import { createFileSeries, type FileSeries } from "./series.ts";

const REPORTED_REFUSALS = 10;

/** What is known while the rows pass. */
export interface ImportProgress {
  startedAt: Date;
  runId: number | null;
  rows: number;
  skipped: number;
  firstSkipped: SeriesName | null;
  /** Rows that name no series. */
  strays: number;
  series: Map<string, FileSeries>;
  waitingRows: number;
  refusals: Refusal[];
}

/** Puts a record with its series; null when it belongs to none that is loaded. */
export function takeRecord(
  progress: ImportProgress,
  input: ImportInput,
  record: ParsedRecord,
): FileSeries | null {
  progress.rows++;
  if (record.kind === "stray") {
    progress.strays++;
    noteRefusals(progress, [record]);
    return null;
  }
  const { symbol, interval, source } = record.series;
  const isWanted = (input.symbols.length === 0 || input.symbols.includes(symbol)) &&
    (input.interval === null || input.interval === interval);
  if (!isWanted) {
    progress.skipped++;
    progress.firstSkipped ??= record.series;
    return null;
  }
  if (source !== null && source !== input.source) {
    throw new OperatorError(
      `Cannot import line ${record.line} of ${input.name} as source ${input.source}: it is of source ${source}; restore it with --source ${source}`,
    );
  }
  const series = seriesOf(progress, record.series);
  if (series.error !== null) {
    series.counts.rejected++;
    return null;
  }
  const { rows, rejects, finality } = series.waiting;
  if (record.kind === "row") {
    rows.push(record.row);
    if (record.isFinal !== null) finality.set(record.row.datetime, record.isFinal);
  } else {
    rejects.push(record.reject);
  }
  progress.waitingRows++;
  return series;
}

function seriesOf(progress: ImportProgress, name: SeriesName): FileSeries {
  const key = `${name.interval} ${name.symbol}`;
  let series = progress.series.get(key);
  if (!series) progress.series.set(key, series = createFileSeries(name));
  return series;
}

export function waitingOf({ waiting }: FileSeries): number {
  return waiting.rows.length + waiting.rejects.length;
}

export function longestOf({ series }: ImportProgress): FileSeries {
  return [...series.values()].reduce((a, b) => waitingOf(b) > waitingOf(a) ? b : a);
}

export function noteRefusals(progress: ImportProgress, refusals: Refusal[]): void {
  const room = REPORTED_REFUSALS - progress.refusals.length;
  for (const { line, reason } of refusals.slice(0, room)) progress.refusals.push({ line, reason });
}

/** A file of which no row can be stored must not look like one that was imported. */
export function checkNotEmpty(progress: ImportProgress, { name, symbols }: ImportInput): void {
  const { rows, skipped, firstSkipped, refusals, series } = progress;
  if (rows === 0) throw new OperatorError(`Cannot import ${name} as no row follows its header`);
  if (skipped === rows && firstSkipped) {
    const { symbol, interval } = firstSkipped;
    const [asked] = symbols;
    const advice = asked === undefined || symbols.includes(symbol)
      ? `use --interval ${interval}`
      : symbols.length > 1
      ? `use --symbol as the file says it (${symbol})`
      : `use --symbol as the file says it (${symbol}), or --columns symbol= when all its rows are of ${asked}`;
    throw new OperatorError(
      `Cannot import ${name} as no row of it is of what --symbol and --interval name: its first is of ${symbol} ${interval}; ${advice}`,
    );
  }
  const failed = [...series.values()].map(({ error }) => error);
  if (failed.includes(null)) return;
  const [first] = refusals;
  throw new OperatorError(
    failed[0] ??
      `Cannot import ${name} as no row of it names a series: line ${first?.line}: ${first?.reason}`,
  );
}
