/** `GET /time_series` for one symbol: its meta, its candles and the window's rules. */
import type { InstrumentKind } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { invalidSymbol, noData } from "./errors.ts";
import { type Bar, hasVolume, type Listing, type SimulatedMarket } from "./market.ts";
import { type Parameters, parseBound, parseInterval } from "./query.ts";
import { wallTimeFormat } from "./wall_clock.ts";

/** Readings of the contract that are not certain; the defaults are the recorded ones. */
export interface Quirks {
  /** A date as `end_date` leaves that date's own daily stock candle out. Default true. */
  dailyEndExclusive: boolean;
  /** Errors arrive with HTTP status 200. Default false. */
  errorsAsHttp200: boolean;
}

/** What the provider calls the kinds. */
export const TYPE_NAMES: Record<InstrumentKind, string> = {
  stock: "Common Stock",
  etf: "ETF",
  index: "Index",
  forex: "Physical Currency",
  crypto: "Digital Currency",
  commodity: "Precious Metal",
};

/** When a US daily candle opens, by which the provider compares it with a window's bounds. */
const US_OPEN_MS = 9.5 * 3_600_000;

/** Where the provider takes forex and metal times from when nobody asks for another zone. */
const FOREX_ZONE = "Australia/Sydney";

/** One candle as it is written in an answer. */
export interface WireValue {
  datetime: string;
  open: string;
  high: string;
  low: string;
  close: string;
  volume?: string;
}

/** The single shape of an answer. */
export interface TimeSeriesAnswer {
  meta: Record<string, string>;
  values: WireValue[];
  status: "ok";
}

/** @throws WireError when a parameter is wrong, the symbol unknown or the window empty. */
export function answerTimeSeries(
  market: SimulatedMarket,
  symbol: string,
  parameters: Parameters,
  quirks: Quirks,
  nowMs: number,
): TimeSeriesAnswer {
  const interval = parseInterval(parameters.interval);
  const listing = findListing(market, symbol, parameters);
  if (!listing || !market.intervals(listing).includes(interval)) throw invalidSymbol();
  const timezone = zoneOf(parameters.timezone, listing);
  const start = parseBound("start_date", parameters.start_date, interval, timezone);
  const end = parseBound("end_date", parameters.end_date, interval, timezone);
  const shiftMs = boundShiftMs(listing, interval, quirks);
  const window = {
    fromMs: start === null ? -Infinity : start - shiftMs,
    toMs: end === null ? Infinity : end - shiftMs,
    count: parameters.outputsize,
  };
  const bars = market.bars(listing, interval, window, nowMs);
  if (bars.length === 0) throw noData();
  const datetime = datetimeFormat(interval, timezone);
  const values = bars.map((bar) => wireValue(bar, listing, datetime, parameters.dp));
  if (parameters.order === "desc") values.reverse();
  return { meta: metaOf(listing, interval), values, status: "ok" };
}

/** The splits of a listing: nothing was ever split here. */
export function answerSplits(listing: Listing): Record<string, unknown> {
  return {
    meta: {
      symbol: listing.symbol,
      name: listing.name,
      currency: listing.currency ?? "",
      exchange: listing.exchange ?? "",
      mic_code: listing.micCode ?? "",
      exchange_timezone: listing.exchangeTimezone ?? "",
    },
    splits: [],
  };
}

/** The listing that a symbol and its disambiguation mean: `AAPL`, `AAPL:NASDAQ`, or with `mic_code`. */
export function findListing(
  market: SimulatedMarket,
  symbol: string,
  { exchange, mic_code }: Pick<Parameters, "exchange" | "mic_code">,
): Listing | undefined {
  const [ticker = "", suffix = ""] = symbol.split(":");
  const same = (wanted: string, actual: string | null) =>
    wanted === "" || wanted.toUpperCase() === actual?.toUpperCase();
  return market.listings().find((listing) =>
    same(ticker, listing.symbol) && same(exchange, listing.exchange) &&
    same(mic_code, listing.micCode) &&
    (same(suffix, listing.exchange) || same(suffix, listing.micCode))
  );
}

/** The zone in which a listing's times are told when `timezone` is what was asked for. */
export function zoneOf(timezone: string, listing: Listing): string {
  if (!/^exchange$/i.test(timezone)) return timezone;
  if (listing.exchangeTimezone) return listing.exchangeTimezone;
  return listing.kind === "crypto" ? "UTC" : FOREX_ZONE;
}

/** Writes a candle's open as the provider does: a date from a day up, else a local time. */
export function datetimeFormat(interval: Interval, timezone: string): (ms: number) => string {
  if (!isDateInterval(interval)) return wallTimeFormat(timezone);
  return (ms) => new Date(ms).toISOString().slice(0, 10);
}

/** CSV of the same values. */
export function csvOf({ values }: TimeSeriesAnswer): string {
  const columns = Object.keys(values[0] ?? {}) as (keyof WireValue)[];
  const rows = values.map((value) => columns.map((column) => value[column]).join(";"));
  return [columns.join(";"), ...rows].join("\n");
}

function boundShiftMs(listing: Listing, interval: Interval, quirks: Quirks): number {
  if (!isDateInterval(interval)) return 0;
  if (quirks.dailyEndExclusive) return hasVolume(listing.kind) ? US_OPEN_MS : 0;
  return 0;
}

function metaOf(listing: Listing, interval: Interval): Record<string, string> {
  const { symbol, kind, exchange, exchangeTimezone, micCode } = listing;
  const type = TYPE_NAMES[kind];
  if (hasVolume(kind)) {
    return {
      symbol,
      interval,
      currency: listing.currency ?? "",
      exchange_timezone: exchangeTimezone ?? "",
      exchange: exchange ?? "",
      mic_code: micCode ?? "",
      type,
    };
  }
  return {
    symbol,
    interval,
    currency_base: listing.currencyBase ?? "",
    currency_quote: listing.currencyQuote ?? "",
    ...(exchange === null ? {} : { exchange }),
    type,
  };
}

function wireValue(
  bar: Bar,
  listing: Listing,
  datetime: (ms: number) => string,
  decimals: number,
): WireValue {
  const price = (text: string) => decimals < 0 ? text : roundDecimal(text, decimals);
  const value = {
    datetime: datetime(bar.openedMs),
    open: price(bar.open),
    high: price(bar.high),
    low: price(bar.low),
    close: price(bar.close),
  };
  if (!hasVolume(listing.kind) || bar.volume === null) return value;
  return { ...value, volume: bar.volume };
}

/** Exactly this many decimals, halves up. Prices are never negative. */
function roundDecimal(text: string, decimals: number): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  const digits = String(kept + (Number(fraction[decimals] ?? "0") >= 5 ? 1n : 0n))
    .padStart(decimals + 1, "0");
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
