/** How whole the stored series are, all of them together. Pure. */
import type { SeriesHealth } from "../db/series_health.ts";
import { formatFixed } from "./format.ts";

/** Completeness of many series: null per cent where no calendar promises a candle. */
export interface Completeness {
  /** Of all that is expected where a calendar is known, 0 to 100. */
  percent: number | null;
  /** Of all series, those without a calendar too. */
  missingCandles: number;
}

/** Candle by candle: a series of many candles weighs more than one of few. */
export function completenessOf(series: readonly SeriesHealth[]): Completeness {
  const known = series.filter(({ expectedCandles }) => expectedCandles !== null);
  const expected = known.reduce((sum, each) => sum + each.expectedCandles!, 0);
  const have = known.reduce((sum, each) => sum + (each.haveCandles ?? 0), 0);
  return {
    percent: expected === 0 ? null : 100 * have / expected,
    missingCandles: series.reduce((sum, each) => sum + (each.missingCandles ?? 0), 0),
  };
}

/** Per cent with two decimals, cut: what lacks one candle never reads 100. */
export function formatShare(percent: number): string {
  const cut = Math.floor(percent * 100) / 100;
  return `${cut === 100 ? "100" : formatFixed(cut, 2)} %`;
}
