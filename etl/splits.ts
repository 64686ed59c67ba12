/** Splits as the provider tells them; `etl/import_splits.ts` takes them from a file where its plan does not. */
import { getInstrumentBySymbol, listInstruments } from "../db/instruments.ts";
import type { Sql } from "../db/connect.ts";
import { type SplitCounts, upsertSplits } from "../db/splits.ts";
import { OperatorError, TerminalError, TransientError } from "../market/errors.ts";
import type { Instrument, Source } from "../market/instrument.ts";
import type { Provider } from "./provider.ts";

export interface SplitDependencies {
  sql: Sql;
  source: Source;
  now: () => Date;
}

/** What became of one symbol. */
export interface FetchedSplits extends SplitCounts {
  symbol: string;
  /** Splits that are announced for a later date: not stored before it. */
  announced: number;
  /** Why nothing could be fetched; null when it could. */
  error: string | null;
}

/** The kinds that split; a request for another would be a waste of credits. */
const SPLITTING_KINDS: readonly string[] = ["stock", "etf"];
const NOTHING: SplitCounts = { inserted: 0, changed: 0, unchanged: 0 };

/**
 * Asks for the splits of stocks and ETFs that are in the database, 20 credits each, and stores them. A
 * symbol that fails does not stop the others.
 *
 * @param symbols every active stock and ETF when there are none
 * @throws {OperatorError} when the plan does not have them, or nothing more can be asked for now.
 */
export async function fetchAndStoreSplits(
  deps: SplitDependencies & { provider: Pick<Provider, "fetchSplits">; signal?: AbortSignal },
  symbols: string[],
): Promise<FetchedSplits[]> {
  const { sql, source } = deps;
  const wanted = symbols.length > 0
    ? symbols
    : (await listInstruments(sql, source)).filter(({ kind }) => SPLITTING_KINDS.includes(kind))
      .map(({ symbol }) => symbol);
  const results: FetchedSplits[] = [];
  for (const symbol of wanted) {
    deps.signal?.throwIfAborted();
    const instrument = await getInstrumentBySymbol(sql, source, symbol);
    const error = whyNoSplits(symbol, instrument);
    results.push({
      symbol,
      ...(instrument === null || error !== null
        ? { ...NOTHING, announced: 0, error }
        : await fetchOne(deps, instrument)),
    });
  }
  return results;
}

function whyNoSplits(symbol: string, instrument: Instrument | null): string | null {
  if (instrument === null) {
    return `Cannot fetch splits of ${symbol} as it is not in the database: ` +
      `add it with deno task etl add ${symbol}`;
  }
  if (SPLITTING_KINDS.includes(instrument.kind)) return null;
  return `Cannot fetch splits of ${symbol} as only stocks and ETFs split: it is of the kind ` +
    `${instrument.kind}; leave it out`;
}

async function fetchOne(
  deps: SplitDependencies & { provider: Pick<Provider, "fetchSplits">; signal?: AbortSignal },
  { id, symbol, pinnedMicCode }: Instrument,
): Promise<Omit<FetchedSplits, "symbol">> {
  const recordedAt = deps.now();
  try {
    const splits = await deps.provider.fetchSplits(symbol, {
      signal: deps.signal,
      ...(pinnedMicCode !== null && { micCode: pinnedMicCode }),
    });
    const past = splits.filter(({ date }) => date <= dateOf(recordedAt));
    const counts = await upsertSplits(deps.sql, {
      // A date that is told twice is the last one told.
      splits: [...new Map(past.map((split) => [split.date, split])).values()].map((split) => ({
        instrumentId: id,
        splitOn: split.date,
        fromFactor: split.fromFactor,
        toFactor: split.toFactor,
        description: split.description,
      })),
      origin: "provider",
      recordedAt,
    });
    return { ...counts, announced: splits.length - past.length, error: null };
  } catch (error) {
    if (!(error instanceof TerminalError || error instanceof TransientError)) throw error;
    if (error instanceof TerminalError && error.reason === "endpoint_plan") {
      const advice = "Or import them: deno task etl import-splits FILE.csv";
      throw new OperatorError(`${error.message}. ${advice}`, { cause: error });
    }
    if (error instanceof TerminalError && error.stopsRun) {
      throw new OperatorError(error.message, { cause: error });
    }
    return { ...NOTHING, announced: 0, error: error.message };
  }
}

/** The UTC date of an instant, `YYYY-MM-DD`. */
export function dateOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
