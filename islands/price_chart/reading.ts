/** What the legend reads out: every value of one candle, as text. */
import {
  directionOf,
  formatNumber,
  formatSigned,
  MISSING,
  numberFormat,
} from "../number_locale.ts";
import { type Columns, comparedName } from "./columns.ts";
import { decimalsOf, type Indicator, type LineColor } from "./lines.ts";
import { formatOffset, formatWall, type WallClock } from "./wall_clock.ts";

/** How the values of a chart are told. */
export interface ReadingOptions {
  /** Fraction digits of a price. */
  decimals: number;
  /** Whether candles have a time of day. */
  hasTime: boolean;
  hasVolume: boolean;
  clock: WallClock;
  /** Whose clock it is: `New York`. */
  place: string;
  indicators: readonly Indicator[];
  /** The compared instrument. */
  compare: { slug: string; symbol: string } | null;
}

export interface Reading {
  /** `2026-11-20 09:30`, or the date. */
  time: string;
  /** `New York, UTC−5`; null where candles have dates. */
  zone: string | null;
  /** The same without the offset, which is not the same all year. */
  place: string | null;
  prices: { letter: "O" | "H" | "L" | "C"; name: string; text: string }[];
  /** Since the close of the candle before; none for the first. */
  change: string;
  /** Of the change as it reads; flat too where there is none. */
  direction: "up" | "down" | "flat";
  volume: string | null;
  lines: { name: string; color: LineColor; text: string }[];
}

const PERCENT_DECIMALS = 2;
const COMPARED_COLOR = "--text";

/** @param index of the candle; it must be one. */
export function readCandle(columns: Columns, index: number, options: ReadingOptions): Reading {
  const { times, opens, highs, lows, closes, volumes, extras } = columns;
  const { decimals, hasTime, hasVolume, clock, place, indicators, compare } = options;
  const utc = times[index]!;
  const offset = formatOffset(clock(utc) - utc);
  const price = (value: number) => formatNumber(value, decimals);
  const before = closes[index - 1];
  const changePercent = before === undefined || before === 0
    ? null
    : 100 * (closes[index]! / before - 1);
  const lines = indicators.flatMap((indicator) =>
    indicator.lines.map(({ name, color, column, isHistogram }): Reading["lines"][number] => {
      const value = extras.get(column)?.values[index];
      return {
        name,
        color: isHistogram && (value ?? 0) < 0 ? "--down-mark" : color,
        text: formatKnown(value, decimalsOf(indicator.extraDecimals, decimals)),
      };
    })
  );
  if (compare !== null) {
    const close = extras.get(comparedName(compare.slug))?.values[index];
    lines.unshift({
      name: compare.symbol,
      color: COMPARED_COLOR,
      text: close == null ? MISSING : formatSignificant(close),
    });
  }
  return {
    time: formatWall(clock(utc), hasTime),
    zone: !hasTime ? null : place === offset ? place : `${place}, ${offset}`,
    place: hasTime ? place : null,
    prices: [
      { letter: "O", name: "Open", text: price(opens[index]!) },
      { letter: "H", name: "High", text: price(highs[index]!) },
      { letter: "L", name: "Low", text: price(lows[index]!) },
      { letter: "C", name: "Close", text: price(closes[index]!) },
    ],
    change: changePercent === null ? MISSING : `${formatSigned(changePercent, PERCENT_DECIMALS)} %`,
    direction: directionOf(changePercent ?? 0, PERCENT_DECIMALS),
    volume: hasVolume ? formatVolume(volumes[index] ?? null) : null,
    lines,
  };
}

/** The same in one sentence, for those who hear it. */
export function describeReading(reading: Reading): string {
  const { time, zone, prices, change, volume, lines } = reading;
  return [
    zone === null ? time : `${time} ${zone}`,
    ...prices.map(({ name, text }) => `${name} ${text}`),
    `change ${change}`,
    ...volume === null ? [] : [`volume ${volume}`],
    ...lines.map(({ name, text }) => `${name} ${text}`),
  ].join(", ");
}

function formatKnown(value: number | null | undefined, decimals: number): string {
  return value == null ? MISSING : formatNumber(value, decimals);
}

/** The price of another instrument, whose decimals nobody said: six digits, or cents. */
function formatSignificant(value: number): string {
  const magnitude = value > 0 ? Math.floor(Math.log10(value)) + 1 : 0;
  return formatNumber(value, Math.min(12, Math.max(2, 6 - magnitude)));
}

function formatVolume(volume: number | null): string {
  if (volume === null) return MISSING;
  return numberFormat({ notation: "compact", maximumFractionDigits: 2 }).format(volume);
}
