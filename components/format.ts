/** Numbers and times as people read them. Prices stay exact: Intl formats decimal strings digit by digit. */
import { DAY_MS } from "../market/holidays.ts";
import type { InstrumentKind } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { directionOf, formatSigned, numberFormat } from "../islands/number_locale.ts";

export { formatNumber, formatSigned, MISSING } from "../islands/number_locale.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Intl formats a decimal string exactly; its type does not say so for plain strings. */
type IntlDecimal = Intl.StringNumericLiteral;

/**
 * Fraction digits to show for prices of one instrument: as many as its data have, at least 2, and no
 * more than its venue quotes. Exchanges quote shares of 1 and more in cents; what lies beyond are a
 * provider's averages. Elsewhere six significant digits say as much as anyone trades on.
 */
export function priceDecimals(prices: readonly string[], kind: InstrumentKind): number {
  const used = prices.map((price) => price.replace(/^[^.]*\.?/, "").replace(/0+$/, "").length);
  const last = Math.abs(Number(prices.at(-1) ?? "1"));
  const inCents = (kind === "stock" || kind === "etf" || kind === "index") && last >= 1;
  const magnitude = last > 0 ? Math.floor(Math.log10(last)) + 1 : 0;
  const most = inCents ? 2 : Math.min(12, Math.max(2, 6 - magnitude));
  return Math.min(most, Math.max(2, ...used));
}

/** A price with a fixed number of decimals: `98,123.50`. */
export function formatPrice(price: string, decimals: number): string {
  return numberFormat({
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(price as IntlDecimal);
}

/** An amount by which a price moved, with its sign: `+1.25`, `−0.40`; none where it reads as 0. */
export function formatAmount(amount: string, decimals: number): string {
  const digits = formatPrice(amount.replace(/^-/, ""), decimals);
  const sign = { up: "+", down: "−", flat: "" }[directionOf(Number(amount), decimals)];
  return `${sign}${digits}`;
}

/** Per cent with its sign, and two decimals unless told otherwise: `+1.25 %`, `−0.40 %`. */
export function formatPercent(percent: number, decimals = 2): string {
  return `${formatSigned(percent, decimals)} %`;
}

/** A number with a fixed number of decimals: `1,234.50`. */
export function formatFixed(value: number, decimals: number): string {
  return numberFormat({ minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .format(value);
}

/** Traded units, shortened: `12.3M`. */
export function formatVolume(volume: string): string {
  return numberFormat({ notation: "compact", maximumFractionDigits: 2 })
    .format(volume as IntlDecimal);
}

/** A whole number with thousands marked: `12,345`. */
export function formatCount(count: number): string {
  return numberFormat({}).format(count);
}

/** So many of a thing whose plural has an s: `1 gap`, `1,234 gaps`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** How long ago, in its two largest units: `4 min`, `3 h 12 min`, `2 d 3 h`. */
export function formatAge(from: Date, now: Date): string {
  const age = Math.max(0, now.getTime() - from.getTime());
  if (age < MINUTE_MS) return "< 1 min";
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min`;
  const [large, small, size, unit] = age < DAY_MS
    ? [HOUR_MS, MINUTE_MS, "h", "min"] as const
    : [DAY_MS, HOUR_MS, "d", "h"] as const;
  const rest = Math.floor((age % large) / small);
  return `${Math.floor(age / large)} ${size}${rest > 0 ? ` ${rest} ${unit}` : ""}`;
}

/** A duration in the unit that suits it: `85 ms`, `1.4 s`, `2 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < MINUTE_MS) return `${formatFixed(durationMs / 1000, 1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A round number of a scale, with the decimals that it has: `−0.5`, `10`. */
export function formatTick(value: number): string {
  const digits = numberFormat({ maximumFractionDigits: 6 }).format(Math.abs(value));
  return value < 0 ? `−${digits}` : digits;
}

/** `2026-11-22 14:30`, UTC; the caller says that it is. */
export function formatUtc(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace("T", " ");
}

/** `2026-11-22`, UTC. */
export function formatUtcDate(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** The open time of a candle in UTC: its date when it lasts a day or longer. */
export function formatOpenTime(openedAt: Date, interval: Interval): string {
  return isDateInterval(interval) ? formatUtcDate(openedAt) : formatUtc(openedAt);
}

const INTERVAL_WORDS: Partial<Record<Interval, string>> = {
  "1h": "1 hour",
  "1day": "1 day",
  "1week": "1 week",
  "1month": "1 month",
};

/** An interval in words: `1 hour`, `15 min`. */
export function formatInterval(interval: Interval): string {
  return INTERVAL_WORDS[interval] ?? interval.replace(/^(\d+)/, "$1 ");
}
