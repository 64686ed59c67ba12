/** The watchlist by hand: an instrument is found by search, added with the listing that is meant, switched off and on. */
import type { Sql } from "../db/connect.ts";
import { searchInstruments } from "../db/instrument_search.ts";
import { getInstrumentBySymbol, setActive, upsertInstrument } from "../db/instruments.ts";
import { inTransaction } from "../db/transaction.ts";
import { OperatorError, TerminalError, TransientError } from "../market/errors.ts";
import {
  type Instrument,
  type InstrumentKind,
  slugOfSymbol,
  type Source,
  Symbol,
} from "../market/instrument.ts";
import { sessionOf } from "../market/session.ts";
import type { Provider, SymbolMatch } from "./provider.ts";

export interface InstrumentDependencies {
  sql: Sql;
  source: Source;
}

export interface AddDependencies extends InstrumentDependencies {
  provider: Pick<Provider, "searchSymbols">;
  now: () => Date;
  signal?: AbortSignal;
}

/** What became of one symbol that was to be added. */
export type AddResult =
  | { asked: string; status: "added" | "reactivated" | "already_there"; instrument: Instrument }
  /** Several listings fit, or none of those that there are. */
  | { asked: string; status: "ambiguous"; error: string; choices: Choice[] }
  | { asked: string; status: "unknown"; error: string; similar: SymbolMatch[] }
  | { asked: string; status: "failed"; error: string };

/** One listing of a ticker, and what to type to add it. */
export interface Choice extends SymbolMatch {
  command: string;
}

/** Kinds that have no listing: a pair is the same wherever it trades, and the provider chooses a place. */
const PAIRS: readonly (InstrumentKind | null)[] = ["forex", "crypto", "commodity"];
const SIMILAR_COUNT = 5;

/**
 * Adds instruments to the watchlist, one search (one credit) each. The listing is pinned when it was
 * named, by `mic` or as `RY:TSX`. One that fails does not stop the others.
 *
 * @param options.mic the listing that every symbol means (ISO 10383)
 * @throws {OperatorError} when nothing can be asked for now: a bad key, the day's credits are spent.
 */
export async function addInstruments(
  deps: AddDependencies,
  symbols: string[],
  options: { mic?: string } = {},
): Promise<AddResult[]> {
  const results: AddResult[] = [];
  for (const asked of symbols) {
    deps.signal?.throwIfAborted();
    results.push(await addInstrument(deps, asked.trim(), options.mic ?? ""));
  }
  return results;
}

async function addInstrument(
  deps: AddDependencies,
  asked: string,
  mic: string,
): Promise<AddResult> {
  if (!Symbol.safeParse(asked).success) {
    const error = `Cannot add "${asked}" as it must be a symbol such as AAPL, EUR/USD or RY:TSX`;
    return { asked, status: "failed", error };
  }
  const known = mic === "" && await findKnown(deps, asked);
  if (known) return await reactivate(deps, asked, known);
  const [ticker = "", place = ""] = asked.split(":");
  const matches = await search(deps, ticker);
  if (matches instanceof Error) return { asked, status: "failed", error: matches.message };
  const listings = listingsOf(matches.filter(({ symbol }) => isSameText(symbol, ticker)));
  if (listings.length === 0) {
    const error = `Cannot add ${asked} as the provider knows no such symbol: correct it`;
    return { asked, status: "unknown", error, similar: matches.slice(0, SIMILAR_COUNT) };
  }
  const meant = listings.filter(({ micCode, exchange }) =>
    (mic === "" || isSameText(micCode, mic)) &&
    (place === "" || isSameText(exchange, place) || isSameText(micCode, place))
  );
  const [match] = meant;
  if (match === undefined || (meant.length > 1 && !PAIRS.includes(match.kind))) {
    const why = match === undefined
      ? `none of its listings is at ${mic || place}`
      : `it is listed at ${meant.length} exchanges`;
    const choices = (match === undefined ? listings : meant).map(choiceOf);
    const error = `Cannot add ${asked} as ${why}: choose one with --mic`;
    return { asked, status: "ambiguous", error, choices };
  }
  return await storeMatch(deps, asked, match, mic !== "" || place !== "");
}

/** A symbol that is stored needs no search: it means what it meant so far. */
async function findKnown({ sql, source }: AddDependencies, asked: string) {
  return await getInstrumentBySymbol(sql, source, asked) ??
    await getInstrumentBySymbol(sql, source, asked.toUpperCase());
}

async function reactivate(
  { sql, source }: InstrumentDependencies,
  asked: string,
  instrument: Instrument,
): Promise<AddResult> {
  if (instrument.isActive) return { asked, status: "already_there", instrument };
  await setActive(sql, source, [instrument.symbol], true);
  return { asked, status: "reactivated", instrument: { ...instrument, isActive: true } };
}

/** The matches, or why there are none for this symbol alone. */
async function search(deps: AddDependencies, ticker: string): Promise<SymbolMatch[] | Error> {
  try {
    return await deps.provider.searchSymbols(ticker, { signal: deps.signal });
  } catch (error) {
    if (error instanceof TerminalError && error.stopsRun) {
      throw new OperatorError(error.message, { cause: error });
    }
    if (error instanceof TerminalError || error instanceof TransientError) return error;
    throw error;
  }
}

async function storeMatch(
  { sql, source, now }: AddDependencies,
  asked: string,
  match: SymbolMatch,
  isNamed: boolean,
): Promise<AddResult> {
  const { kind } = match;
  if (kind === null) {
    const error =
      `Cannot add ${asked} as its type must be a stock, ETF, index, currency, crypto or ` +
      `commodity: the provider names none that is known; choose another listing`;
    return { asked, status: "failed", error };
  }
  const isPair = PAIRS.includes(kind);
  const micCode = isPair ? null : match.micCode || null;
  const session = sessionOf(kind, isPair ? null : match.exchangeTimezone || null);
  return await inTransaction(sql, async (tx) => {
    const symbol = await symbolToStore(tx, source, match, micCode, isNamed && asked.includes(":"));
    const known = await getInstrumentBySymbol(tx, source, symbol);
    const instrument = await upsertInstrument(tx, {
      source,
      symbol,
      slug: slugOfSymbol(symbol),
      name: match.name,
      kind,
      exchange: kind === "forex" || kind === "commodity" ? null : match.exchange || null,
      micCode,
      currency: match.currency || null,
      ...currenciesOf(match, isPair),
      exchangeTimezone: isPair ? null : match.exchangeTimezone || null,
      sessionCloses: session.name === "us_stocks" ? session.closes : null,
      ...(isNamed && micCode !== null && { pinnedMicCode: micCode }),
    }, now());
    return known
      ? await reactivate({ sql: tx, source }, asked, instrument)
      : { asked, status: "added", instrument };
  });
}

/**
 * The ticker, or `RY:TSX` where the ticker means another listing already. Whichever of them is this
 * listing already wins.
 */
async function symbolToStore(
  sql: Sql,
  source: Source,
  match: SymbolMatch,
  micCode: string | null,
  isPlaceWanted: boolean,
): Promise<string> {
  const withPlace = symbolWithPlace(match);
  if (micCode === null) return isPlaceWanted ? withPlace : match.symbol;
  // Null for one that is not there or was never loaded: from now on it means this listing.
  const micOf = async (symbol: string) => {
    const known = await getInstrumentBySymbol(sql, source, symbol);
    return known?.pinnedMicCode ?? known?.micCode ?? null;
  };
  const tickerMic = await micOf(match.symbol);
  if (tickerMic === micCode) return match.symbol;
  if (await micOf(withPlace) === micCode) return withPlace;
  const isTickerFree = tickerMic === null;
  return isPlaceWanted || !isTickerFree ? withPlace : match.symbol;
}

/** What the provider calls a listing: `RY:TSX`. Where no such name can be made, the ticker. */
function symbolWithPlace({ symbol, exchange, micCode }: SymbolMatch): string {
  const names = [`${symbol}:${exchange}`, `${symbol}:${micCode}`];
  return names.find((name) => Symbol.safeParse(name).success && !name.endsWith(":")) ?? symbol;
}

/** What a pair is and is priced in; its symbol says it where its name does not. */
function currenciesOf(
  { symbol, name }: SymbolMatch,
  isPair: boolean,
): Pick<Instrument, "currencyBase" | "currencyQuote"> {
  if (!isPair) return { currencyBase: null, currencyQuote: null };
  const [base, quote] = name.includes(" / ") ? name.split(" / ") : symbol.split("/");
  return { currencyBase: base || null, currencyQuote: quote || null };
}

function choiceOf(match: SymbolMatch): Choice {
  const { symbol, micCode } = match;
  const meaning = micCode ? `${symbol} --mic ${micCode}` : symbolWithPlace(match);
  return { ...match, command: `deno task etl add ${meaning}` };
}

/** A listing that the provider tells twice is one. */
function listingsOf(matches: SymbolMatch[]): SymbolMatch[] {
  const keyOf = ({ micCode, exchange }: SymbolMatch) => `${micCode} ${exchange}`;
  const seen = new Set<string>();
  return matches.filter((match) => !seen.has(keyOf(match)) && seen.add(keyOf(match)));
}

function isSameText(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}

/**
 * Takes instruments off the watchlist or puts them back; nothing that is stored of them is lost.
 *
 * @throws {OperatorError} when one is not in the database; none is changed then.
 */
export async function switchInstruments(
  { sql, source }: InstrumentDependencies,
  symbols: string[],
  isActive: boolean,
): Promise<{ symbol: string; isActive: boolean; isChanged: boolean }[]> {
  return await inTransaction(sql, async (tx) => {
    const switched = await setActive(tx, source, symbols, isActive);
    const unknown = symbols.find((asked) =>
      !switched.some(({ symbol }) => isSameText(symbol, asked))
    );
    if (unknown === undefined) return switched;
    const similar = await searchInstruments(tx, source, unknown, SIMILAR_COUNT, {
      isActive: !isActive,
    });
    const names = similar.map(({ symbol }) => symbol)
      .filter((symbol) => !symbols.some((asked) => isSameText(asked, symbol)));
    const spelling = isActive
      ? "check its spelling"
      : "check its spelling, or take it out of SYMBOLS when it was never loaded";
    const advice = names.length > 0 ? `did you mean ${names.join(", ")}?` : spelling;
    throw new OperatorError(
      `Cannot ${
        isActive ? "activate" : "deactivate"
      } ${unknown} as it is not in the database: ${advice}`,
    );
  });
}
