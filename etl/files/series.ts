/** One series of a file while it is imported: its instrument, the rows that wait, what became of the others. */
import type { Listing } from "../../db/candle_export.ts";
import type { Database, Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import type { StepInput } from "../../db/runs.ts";
import { type Instrument, InstrumentKind, Source } from "../../market/instrument.ts";
import type { Reject } from "../provider.ts";
import { parseListing } from "./listing.ts";
import type { FileRow, SeriesName } from "./rows.ts";
import { createSeenTimes, type SeenTimes } from "./seen_times.ts";

/** Rows of one series that are loaded together. */
export interface WaitingRows {
  rows: FileRow[];
  /** Rows that are malformed. */
  rejects: Reject[];
  /** What the file itself says of a candle, final or forming, by the row's `datetime`. */
  finality: Map<string, boolean>;
}

/** What an import did, or would do, to a series: in rows of the file. */
export interface SeriesCounts {
  /** Candles that were not there. */
  inserted: number;
  /** Forming candles that were overwritten. */
  updated: number;
  /** Final candles that were restated. */
  revised: number;
  /** Rows that the database has already as they are. */
  unchanged: number;
  /** Rows that did not pass, whether they had been seen before or not. */
  rejected: number;
}

export interface FileSeries extends Pick<SeriesName, "symbol" | "interval" | "listing"> {
  /** Null until its first rows are loaded, and in a dry run of a new instrument for good. */
  instrumentId: number | null;
  meta: Listing | null;
  waiting: WaitingRows;
  seen: SeenTimes;
  counts: SeriesCounts;
  /** Rejects that the database had not seen before. */
  newRejects: number;
  from: Date | null;
  to: Date | null;
  durationMs: number;
  /** Why the series as a whole cannot be stored. */
  error: string | null;
}

/** Where the rows go. */
export interface LoadTarget {
  database: Pick<Database, "sql" | "kind">;
  source: Source;
  /** What a new instrument is, when neither the file nor another source says it. */
  kind: InstrumentKind | null;
}

export function createFileSeries({ symbol, interval, listing }: SeriesName): FileSeries {
  return {
    symbol,
    interval,
    listing,
    instrumentId: null,
    meta: null,
    waiting: noRows(),
    seen: createSeenTimes(interval),
    counts: { inserted: 0, updated: 0, revised: 0, unchanged: 0, rejected: 0 },
    newRejects: 0,
    from: null,
    to: null,
    durationMs: 0,
    error: null,
  };
}

export function noRows(): WaitingRows {
  return { rows: [], rejects: [], finality: new Map() };
}

/** A pair of a base and a quote. A share class such as BRK/B has no quote of three letters. */
const PAIR = /^[a-z0-9]{2,}\/[a-z]{3,}$/i;
const PAIR_KINDS: readonly InstrumentKind[] = ["forex", "crypto", "commodity"];

/**
 * Finds the instrument of a series, or what is known of a new one: from the file, else from another
 * source's listing, else from the operator. Its `error` says when that is not enough.
 */
export async function identifySeries(series: FileSeries, target: LoadTarget): Promise<void> {
  const { database: { sql }, source, kind } = target;
  const { symbol, listing } = series;
  const known = await getInstrumentBySymbol(sql, source, symbol);
  series.instrumentId = known?.id ?? null;
  const found = known ? listingOf(known) : listing ? parseListing(listing) : null;
  if (typeof found === "string") {
    series.error = `Cannot import ${symbol} as its ${found}; mend the file`;
    return;
  }
  const other = found ? null : await otherListing(sql, source, symbol);
  series.meta = found ?? (other ? listingOf(other) : kind && { ...NOTHING_KNOWN, kind });
  if (series.meta === null) {
    series.error = `Cannot import ${symbol} as nobody said what it is: add --kind with ${
      InstrumentKind.options.join(", ")
    }`;
    return;
  }
  const isGuess = found === null && other === null;
  if (isGuess && PAIR.test(symbol) && !PAIR_KINDS.includes(series.meta.kind)) {
    series.error =
      `Cannot import ${symbol} as a pair is no ${series.meta.kind}: import it by itself, with --symbol ${symbol} and --kind ${
        PAIR_KINDS.join(", ")
      }`;
    series.meta = null;
  }
}

function listingOf(instrument: Instrument): Listing {
  const { kind, name, exchange, micCode, currency, currencyBase, currencyQuote, exchangeTimezone } =
    instrument;
  return { kind, name, exchange, micCode, currency, currencyBase, currencyQuote, exchangeTimezone };
}

const NOTHING_KNOWN: Omit<Listing, "kind"> = {
  name: null,
  exchange: null,
  micCode: null,
  currency: null,
  currencyBase: null,
  currencyQuote: null,
  exchangeTimezone: null,
};

/** The instrument of the same symbol in another source. */
async function otherListing(sql: Sql, own: Source, symbol: string): Promise<Instrument | null> {
  for (const source of Source.options.filter((source) => source !== own)) {
    const found = await getInstrumentBySymbol(sql, source, symbol);
    if (found) return found;
  }
  return null;
}

/** The series as a step of its run. */
export function stepOf(series: FileSeries, finishedAt: Date): StepInput {
  const { instrumentId, symbol, interval, counts, from, to, error } = series;
  const { inserted, updated, revised, unchanged } = counts;
  return {
    instrumentId,
    symbol,
    candleInterval: interval,
    purpose: "import",
    status: error === null ? "ok" : "failed",
    reason: error === null ? null : "unknown_kind",
    windowFrom: from,
    windowTo: to,
    candlesFetched: inserted + updated + revised + unchanged,
    candlesInserted: inserted,
    candlesUpdated: updated,
    candlesRevised: revised,
    rowsRejected: series.newRejects,
    credits: 0,
    durationMs: series.durationMs,
    error,
    finishedAt,
  };
}
