/** Sessions: when a market trades, and so which candles exist and when each of them ends. */
import {
  DAY_MS,
  type DayNumber,
  dayNumberOf,
  isForexHoliday,
  isUsHalfDay,
  isUsTradingDay,
  weekdayOf,
} from "./holidays.ts";
import type { InstrumentKind } from "./instrument.ts";
import { addInterval, type Interval, intervalDurationMs, isDateInterval } from "./interval.ts";

/** The trading hours of a market. Nothing is promised of an `unknown` one. */
export interface Session {
  name: "us_stocks" | "round_the_clock" | "forex" | "unknown";
  /** IANA name of the zone in which `opens` and `closes` are told. */
  timezone: string;
  /** Local time at which a trading day opens, `HH:MM`; null when there is none or it is not known. */
  opens: string | null;
  /** Local time at which a trading day closes, `HH:MM`; null when there is none or it is not known. */
  closes: string | null;
}

/** One trading day: the date that its daily candle carries, and its instants in unix milliseconds. */
export interface TradingDay {
  day: DayNumber;
  opensMs: number;
  closesMs: number;
}

const NEW_YORK = "America/New_York";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const US_STOCKS: Session = {
  name: "us_stocks",
  timezone: NEW_YORK,
  opens: "09:30",
  closes: "16:00",
};
const ROUND_THE_CLOCK: Session = {
  name: "round_the_clock",
  timezone: "UTC",
  opens: null,
  closes: null,
};
const FOREX: Session = { name: "forex", timezone: NEW_YORK, opens: "17:00", closes: "17:00" };

/** The session of an instrument; `exchangeTimezone` is what the provider says, null when it says nothing. */
export function sessionOf(kind: InstrumentKind, exchangeTimezone: string | null): Session {
  if (kind === "crypto") return ROUND_THE_CLOCK;
  if (kind === "forex" || kind === "commodity") return FOREX;
  if (exchangeTimezone === NEW_YORK) return US_STOCKS;
  return { name: "unknown", timezone: exchangeTimezone ?? "UTC", opens: null, closes: null };
}

/**
 * The instant the candle ends: its interval later, or the session's close when that is earlier. A US
 * candle of a day, week or month ends with the last close in it. A forex candle of a date ends at
 * 24:00 UTC of its last date: the provider does not say when its day rolls, and a candle that is
 * called forming for too long does no harm, while one called final too early does.
 */
export function closesAt(openedAt: Date, interval: Interval, session: Session): Date {
  const end = addInterval(openedAt, interval);
  if (session.name === "us_stocks" && isDateInterval(interval)) {
    for (let day = dayNumberOf(end) - 1; day >= dayNumberOf(openedAt); day--) {
      const last = tradingDay(day, session);
      if (last && last.closesMs > openedAt.getTime()) return new Date(last.closesMs);
    }
    return end;
  }
  if (isDateInterval(interval)) return end;
  let current = tradingDayAt(openedAt.getTime(), session);
  // Forex days follow each other without a pause: only the end of one before a weekend or holiday is a close.
  while (current && current.closesMs < end.getTime()) {
    const next = tradingDayAt(current.closesMs, session);
    if (next === null) return new Date(current.closesMs);
    current = next;
  }
  return end;
}

/** Whether the market trades at the instant. An unknown session is never known to be closed: true. */
export function isOpen(at: Date, session: Session): boolean {
  return session.name === "unknown" || tradingDayAt(at.getTime(), session) !== null;
}

/**
 * The open instants of the candles expected in `[from, to)`, ascending. Candles of a day or longer are
 * 00:00 UTC of their date (a week's Monday, a month's first); intraday ones are counted from the
 * opening of the trading day. None is expected of an unknown session.
 */
export function candleOpens(from: Date, to: Date, interval: Interval, session: Session): Date[] {
  const opens: Date[] = [];
  if (session.name === "unknown") return opens;
  if (isDateInterval(interval)) {
    let day = Math.ceil(from.getTime() / DAY_MS);
    for (; day * DAY_MS < to.getTime(); day++) {
      if (startsCandle(day, interval, session)) opens.push(new Date(day * DAY_MS));
    }
    return opens;
  }
  const durationMs = intervalDurationMs(interval);
  // A forex day opens on the date before its own, so the day after `to` may begin inside the window.
  for (let day = dayNumberOf(from); day <= dayNumberOf(to) + 1; day++) {
    const hours = tradingDay(day, session);
    if (!hours) continue;
    const skipped = Math.max(0, Math.ceil((from.getTime() - hours.opensMs) / durationMs));
    const endMs = Math.min(hours.closesMs, to.getTime());
    for (let ms = hours.opensMs + skipped * durationMs; ms < endMs; ms += durationMs) {
      opens.push(new Date(ms));
    }
  }
  return opens;
}

/** The trading day that carries the date, or null when the market is closed on it or unknown. */
export function tradingDay(day: DayNumber, session: Session): TradingDay | null {
  switch (session.name) {
    case "round_the_clock":
      return { day, opensMs: day * DAY_MS, closesMs: (day + 1) * DAY_MS };
    case "us_stocks":
      return remembered(usDays, day, usTradingDay);
    case "forex":
      return remembered(forexDays, day, forexTradingDay);
    case "unknown":
      return null;
  }
}

/** The trading day under way at the instant (unix milliseconds), or null when the market is closed. */
export function tradingDayAt(ms: number, session: Session): TradingDay | null {
  const day = dayNumberOf(ms);
  // US hours lie inside one UTC date; a forex day begins in the evening of the date before.
  for (const candidate of session.name === "forex" ? [day, day + 1] : [day]) {
    const hours = tradingDay(candidate, session);
    if (hours && hours.opensMs <= ms && ms < hours.closesMs) return hours;
  }
  return null;
}

function startsCandle(day: DayNumber, interval: Interval, session: Session): boolean {
  if (interval === "1week") return weekdayOf(day) === 1;
  if (interval === "1month") return new Date(day * DAY_MS).getUTCDate() === 1;
  return tradingDay(day, session) !== null;
}

// Time zone arithmetic costs microseconds, and thousands of candles share a day: each is done once.
const usDays = new Map<DayNumber, TradingDay | null>();
const forexDays = new Map<DayNumber, TradingDay | null>();

function remembered(
  days: Map<DayNumber, TradingDay | null>,
  day: DayNumber,
  make: (day: DayNumber) => TradingDay | null,
): TradingDay | null {
  let hours = days.get(day);
  if (hours === undefined) days.set(day, hours = make(day));
  return hours;
}

function usTradingDay(day: DayNumber): TradingDay | null {
  if (!isUsTradingDay(day)) return null;
  const noonMs = newYorkNoonMs(day);
  const closesMs = noonMs + (isUsHalfDay(day) ? 1 : 4) * HOUR_MS;
  return { day, opensMs: noonMs - 150 * MINUTE_MS, closesMs };
}

/**
 * The market's convention: the day of a date runs from 17:00 New York of the date before to 17:00,
 * Monday to Friday, but for two holidays.
 */
function forexTradingDay(day: DayNumber): TradingDay | null {
  if (weekdayOf(day) === 0 || weekdayOf(day) === 6 || isForexHoliday(day)) return null;
  // The clocks change early on a Sunday, when forex is closed: its days all last 24 hours.
  const closesMs = newYorkNoonMs(day) + 5 * HOUR_MS;
  return { day, opensMs: closesMs - DAY_MS, closesMs };
}

function newYorkNoonMs(day: DayNumber): number {
  const date = new Date(day * DAY_MS);
  return Temporal.ZonedDateTime.from({
    timeZone: NEW_YORK,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: 12,
  }).epochMilliseconds;
}
