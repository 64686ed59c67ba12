/** What a price chart is made for: the part of its props that does not change. */
import * as z from "zod/mini";
import type { ChartView } from "../chart_view.ts";
import { Page } from "./columns.ts";
import { columnsOf, type Indicator, shownIndicators } from "./lines.ts";
import type { ReadingOptions } from "./reading.ts";
import { createWallClock, placeOf, utcClock, type WallClock } from "./wall_clock.ts";

export const Setup = z.object({
  symbol: z.string(),
  /** Where its candles come from, in words: `Simulated data`. */
  source: z.string(),
  interval: z.string(),
  /** Fraction digits of a price. */
  decimals: z.number(),
  /** Whether candles carry a time of day; false for a day or longer. */
  hasTime: z.boolean(),
  /** Whether any volume is reported. */
  hasVolume: z.boolean(),
  /** IANA zone of the exchange; null for a market without a place, whose time is UTC. */
  exchangeZone: z.nullable(z.string()),
  /** Everything that it can be compared with. */
  others: z.array(z.object({ slug: z.string(), symbol: z.string() })),
  /** The newest candles, with the columns of the first view. */
  first: Page,
});

export type Setup = z.infer<typeof Setup>;

/** VWAP adds up from the open of a session: only a shorter candle that knows its volume has one. */
export function hasVwap({ hasTime, hasVolume }: Pick<Setup, "hasTime" | "hasVolume">): boolean {
  return hasTime && hasVolume;
}

/** What the view shows of it. */
export interface Shown {
  overlays: Indicator[];
  panes: Indicator[];
  columns: string[];
  compare: { slug: string; symbol: string } | null;
}

export function shownIn(setup: Setup, view: ChartView): Shown {
  const indicators = shownIndicators(view, hasVwap(setup));
  return {
    ...indicators,
    columns: columnsOf(indicators),
    compare: setup.others.find(({ slug }) => slug === view.compare) ?? null,
  };
}

/** The clock that the view is told by, and whose it is. */
export function clockOf(setup: Setup, view: ChartView): { clock: WallClock; place: string } {
  const zone = view.zone === "utc"
    ? "UTC"
    : view.zone === "exchange"
    ? setup.exchangeZone ?? "UTC"
    : Intl.DateTimeFormat().resolvedOptions().timeZone;
  // A date is the same one everywhere.
  return { clock: setup.hasTime ? createWallClock(zone) : utcClock, place: placeOf(zone) };
}

export function readingOptions(setup: Setup, view: ChartView): ReadingOptions {
  const { overlays, panes, compare } = shownIn(setup, view);
  const { decimals, hasTime, hasVolume } = setup;
  return {
    decimals,
    hasTime,
    hasVolume,
    compare,
    ...clockOf(setup, view),
    indicators: [...overlays, ...panes],
  };
}
