/** What the simulator's HTTP side needs of a market; a generated and a replayed one fulfil it. */
import type { InstrumentKind } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { type Session, sessionOf } from "../market/session.ts";

/** An instrument as the provider lists it; null where it says nothing for this kind. */
export interface Listing {
  symbol: string;
  name: string;
  kind: InstrumentKind;
  exchange: string | null;
  micCode: string | null;
  currency: string | null;
  currencyBase: string | null;
  currencyQuote: string | null;
  exchangeTimezone: string | null;
}

/** One candle as it goes over the wire: exact digits; volume null where there is none. */
export interface Bar {
  /** Unix milliseconds; 00:00 UTC of its date for a day or longer. */
  openedMs: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string | null;
}

/** Which candles are wanted: open times from `fromMs` to `toMs`, both inclusive, the newest `count` of them. */
export interface BarWindow {
  fromMs: number;
  toMs: number;
  count: number;
}

/** Listings and their candles; pure, so that the clock is an argument. */
export interface SimulatedMarket {
  /** What the response header says of the origin: `seed=1` or `replay`. */
  readonly origin: string;
  listings(): Listing[];
  /** Candles, ascending, of those that have opened by `nowMs`; the newest may still be forming. */
  bars(listing: Listing, interval: Interval, window: BarWindow, nowMs: number): Bar[];
  /** Unix milliseconds of the first candle's open, the oldest there is; null without any. */
  earliestMs(listing: Listing, interval: Interval): number | null;
  /** The intervals that the listing has, shortest first. */
  intervals(listing: Listing): readonly Interval[];
}

/** When the listing trades. Toronto keeps New York's hours here, and its holidays too. */
export function sessionOfListing({ kind, exchangeTimezone }: Listing): Session {
  return sessionOf(
    kind,
    exchangeTimezone === "America/Toronto" ? "America/New_York" : exchangeTimezone,
  );
}

/** Whether the provider reports a volume for instruments of the kind. */
export function hasVolume(kind: InstrumentKind): boolean {
  return kind === "stock" || kind === "etf" || kind === "index";
}
