/** `GET /quote` and `GET /price` for one symbol, both made of the candles that `/time_series` shows. */
import { DAY_MS, dayNumberOf } from "../market/holidays.ts";
import { intervalDurationMs, isDateInterval } from "../market/interval.ts";
import { isOpen, tradingDay } from "../market/session.ts";
import { noData } from "./errors.ts";
import {
  type Bar,
  hasVolume,
  type Listing,
  sessionOfListing,
  type SimulatedMarket,
} from "./market.ts";

/** Days over which `average_volume` is the mean, and the year of `fifty_two_week`. */
const AVERAGE_DAYS = 30;
const YEAR_DAYS = 365;

/** `{price}`: the newest close. @throws WireError when there is no candle at all. */
export function answerPrice(
  market: SimulatedMarket,
  listing: Listing,
  nowMs: number,
): Record<string, unknown> {
  return { price: newestBar(market, listing, nowMs).close };
}

/** The newest day of the listing and its year. @throws WireError when there is no candle at all. */
export function answerQuote(
  market: SimulatedMarket,
  listing: Listing,
  nowMs: number,
): Record<string, unknown> {
  const days = dailyBars(market, listing, nowMs);
  const today = days.at(-1);
  if (!today) throw noData();
  const previousClose = days.at(-2)?.close ?? today.open;
  const session = sessionOfListing(listing);
  const openedMs = tradingDay(dayNumberOf(today.openedMs), session)?.opensMs ?? today.openedMs;
  const isMarketOpen = isOpen(new Date(nowMs), session);
  const quotedMs = isMarketOpen ? newestBar(market, listing, nowMs).openedMs : openedMs;
  const isStock = hasVolume(listing.kind);
  const volumes = days.slice(-AVERAGE_DAYS).map((day) => Number(day.volume ?? 0));
  const average = volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length;
  return {
    symbol: listing.symbol,
    name: listing.name,
    exchange: listing.exchange ?? "Forex",
    ...(isStock ? { mic_code: listing.micCode ?? "", currency: listing.currency ?? "" } : {}),
    datetime: new Date(today.openedMs).toISOString().slice(0, 10),
    timestamp: openedMs / 1000,
    last_quote_at: quotedMs / 1000,
    open: today.open,
    high: today.high,
    low: today.low,
    close: today.close,
    ...(isStock ? { volume: today.volume ?? "0" } : {}),
    previous_close: previousClose,
    change: (Number(today.close) - Number(previousClose)).toFixed(6),
    percent_change: percentChange(previousClose, today.close),
    ...(isStock ? { average_volume: average.toFixed(0) } : {}),
    ...(listing.kind === "crypto" ? rollingChanges(days, today) : {}),
    is_market_open: isMarketOpen,
    fifty_two_week: yearOf(days, today),
  };
}

/** The newest candle of the shortest interval that has any. */
function newestBar(market: SimulatedMarket, listing: Listing, nowMs: number): Bar {
  const window = { fromMs: -Infinity, toMs: Infinity, count: 1 };
  for (const interval of market.intervals(listing)) {
    const [bar] = market.bars(listing, interval, window, nowMs);
    if (bar) return bar;
  }
  throw noData();
}

/** A year of days; made of shorter candles, by their UTC date, where a replay has no daily ones. */
function dailyBars(market: SimulatedMarket, listing: Listing, nowMs: number): Bar[] {
  const intervals = market.intervals(listing);
  const interval = intervals.find((name) => name === "1day") ?? intervals[0];
  if (!interval) return [];
  const fromMs = interval === "1day" ? nowMs - YEAR_DAYS * DAY_MS : -Infinity;
  const count = Math.max(YEAR_DAYS, Math.ceil(YEAR_DAYS * DAY_MS / intervalDurationMs(interval)));
  const bars = market.bars(listing, interval, { fromMs, toMs: Infinity, count }, nowMs);
  if (isDateInterval(interval)) return bars;
  const days = new Map<number, Bar>();
  for (const bar of bars) {
    const openedMs = dayNumberOf(bar.openedMs) * DAY_MS;
    const day = days.get(openedMs);
    if (!day) {
      days.set(openedMs, { ...bar, openedMs });
      continue;
    }
    if (Number(bar.high) > Number(day.high)) day.high = bar.high;
    if (Number(bar.low) < Number(day.low)) day.low = bar.low;
    day.close = bar.close;
    if (bar.volume !== null) day.volume = String(Number(day.volume ?? 0) + Number(bar.volume));
  }
  return [...days.values()];
}

function rollingChanges(days: Bar[], today: Bar): Record<string, string> {
  const since = (count: number) =>
    percentChange(days.at(-1 - count)?.close ?? today.open, today.close);
  return { rolling_1d_change: since(1), rolling_7d_change: since(7), rolling_change: since(1) };
}

function yearOf(days: Bar[], today: Bar): Record<string, string> {
  const low = days.reduce((a, b) => Number(b.low) < Number(a.low) ? b : a).low;
  const high = days.reduce((a, b) => Number(b.high) > Number(a.high) ? b : a).high;
  return {
    low,
    high,
    low_change: (Number(today.close) - Number(low)).toFixed(5),
    high_change: (Number(today.close) - Number(high)).toFixed(5),
    low_change_percent: percentChange(low, today.close),
    high_change_percent: percentChange(high, today.close),
    range: `${Number(low).toFixed(6)} - ${Number(high).toFixed(6)}`,
  };
}

function percentChange(from: string, to: string): string {
  return ((Number(to) / Number(from) - 1) * 100).toFixed(6);
}
