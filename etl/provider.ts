/** What the ETL needs from a market-data provider, in our own terms. */
import type { Instrument, InstrumentKind } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { TerminalError, TransientError } from "../market/errors.ts";

/** One window of candles to fetch. Without `start` and `end`: the newest `outputSize` candles. */
export interface TimeSeriesRequest {
  interval: Interval;
  /** First instant, inclusive, UTC. */
  start?: Date;
  /** Last instant, inclusive, UTC. A provider may answer a little more; `etl/normalize` cuts it. */
  end?: Date;
  /** The most candles to answer, 1 to 5000; the newest of the window win. */
  outputSize: number;
}

/** What the provider says of an instrument beside its candles; null where it says nothing. */
export type SeriesMeta = Pick<
  Instrument,
  | "kind"
  | "exchange"
  | "micCode"
  | "currency"
  | "currencyBase"
  | "currencyQuote"
  | "exchangeTimezone"
>;

/** A row as the provider sent it, of the right shape; its time is UTC text without an offset. */
export interface WireRow {
  /** `YYYY-MM-DD HH:MM:SS`, or `YYYY-MM-DD` for a day or longer. */
  datetime: string;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string | null;
}

/** A row that did not pass, as it came, and why. */
export interface Reject {
  reason: string;
  payload: unknown;
  /** The open time that the row claims; null when it cannot be read. */
  openedAt: Date | null;
}

/** The answer to one request: in no particular order, malformed rows set apart. */
export interface TimeSeries {
  /** Null when the window holds no data: the provider then says nothing of the instrument either. */
  meta: SeriesMeta | null;
  rows: WireRow[];
  rejects: Reject[];
}

export interface SymbolMatch {
  symbol: string;
  name: string;
  exchange: string;
  micCode: string;
  exchangeTimezone: string;
  kind: InstrumentKind | null;
  country: string;
  currency: string;
}

/** The newest price of an instrument. Prices are decimal strings. */
export interface Quote {
  symbol: string;
  name: string;
  close: string;
  previousClose: string | null;
  isMarketOpen: boolean;
  /** When the price was current. */
  quotedAt: Date;
}

/** Credits as the provider counts them; the daily ones are null on plans without a daily cap. */
export interface CreditUsage {
  usedThisMinute: number;
  perMinute: number;
  usedToday: number | null;
  perDay: number | null;
}

/** One split as the provider tells it: `toFactor` shares became `fromFactor` (4-for-1: 4 and 1). */
export interface Split {
  /** The first date that trades at the new price, `YYYY-MM-DD`. */
  date: string;
  /** Decimal strings, positive. */
  fromFactor: string;
  toFactor: string;
  description: string | null;
}

/** What a request may be given beside its subject. */
export interface FetchOptions {
  signal?: AbortSignal;
  /**
   * `history` leaves the credits that the day's scheduled runs will need, and waits while one is under
   * way. @default "fresh"
   */
  priority?: "fresh" | "history";
  /** The run that asks: with priority `history` it need not wait for its own end. */
  ownRunId?: number;
  /** The listing that the symbol must mean (ISO 10383); the provider's own choice when absent. */
  micCode?: string;
}

/**
 * A source of candles. Every method throws `TransientError` when trying later may help and
 * `TerminalError` when it cannot; an empty window is not an error.
 */
export interface Provider {
  fetchTimeSeries(
    symbol: string,
    request: TimeSeriesRequest,
    options?: FetchOptions,
  ): Promise<TimeSeries>;
  /** Several symbols in one request; a symbol that fails alone is its error, the others are there. */
  fetchTimeSeriesBatch(
    symbols: string[],
    request: TimeSeriesRequest,
    options?: FetchOptions,
  ): Promise<Map<string, TimeSeries | TransientError | TerminalError>>;
  searchSymbols(text: string, options?: FetchOptions): Promise<SymbolMatch[]>;
  fetchQuote(symbol: string, options?: FetchOptions): Promise<Quote>;
  /** All recorded splits of a stock, oldest first; costs 20 credits where the plan has it. */
  fetchSplits(symbol: string, options?: FetchOptions): Promise<Split[]>;
  fetchCreditUsage(options?: FetchOptions): Promise<CreditUsage>;
}
