/** A market whose prices are a pure function of seed, symbol and time. */
import { DAY_MS, type DayNumber, dayNumberOf, weekdayOf } from "../market/holidays.ts";
import {
  type Interval,
  intervalDurationMs,
  INTERVALS,
  isDateInterval,
} from "../market/interval.ts";
import { tradingDay } from "../market/session.ts";
import { makeTradingDays } from "./days.ts";
import { type Profile, PROFILES } from "./listings.ts";
import {
  type Bar,
  type BarWindow,
  type Listing,
  sessionOfListing,
  type SimulatedMarket,
} from "./market.ts";
import { hashIntegers, hashText } from "./random.ts";
import { CHILD_MS, childrenOf, formedBy, sumOf, type TickBar } from "./tree.ts";

/** The dates of the first candles: minutes go back less far than days, as at the provider. */
const FIRST_DATES = { minutes: "2020-02-10", crypto: "2015-01-01", others: "2000-01-03" };

/** A month and the days of a window's last candle that lie behind its end. */
const LONGEST_LABEL_DAYS = 31;

/** The simulated market of a seed: the same seed shows the same prices on every machine. */
export function makeGeneratedMarket(seed: number): SimulatedMarket {
  const series = new Map<string, ReturnType<typeof makeSeries>>();
  return {
    origin: `seed=${seed}`,
    listings: () => [...PROFILES],
    intervals: () => INTERVALS,
    earliestMs(listing, interval) {
      const session = sessionOfListing(listing);
      let day = firstDayOf(listing, interval);
      let hours = tradingDay(day, session);
      while (!hours) hours = tradingDay(++day, session);
      return isDateInterval(interval) ? labelOf(day, interval) * DAY_MS : hours.opensMs;
    },
    bars(listing: Listing, interval, window, nowMs) {
      const name = nameOf(listing);
      let bars = series.get(name);
      if (!bars) {
        const profile = PROFILES.find((profile) => nameOf(profile) === name);
        if (!profile) throw new RangeError(`Cannot simulate what is not listed: ${name}`);
        series.set(name, bars = makeSeries(profile, seed));
      }
      return bars(interval, window, nowMs);
    },
  };
}

/** What tells a listing from all others: its symbol, where that alone does not mean another one. */
function nameOf({ symbol, micCode }: Listing): string {
  const first = PROFILES.find((profile) => profile.symbol === symbol);
  return first?.micCode === micCode ? symbol : `${symbol}:${micCode}`;
}

type Series = (interval: Interval, window: BarWindow, nowMs: number) => Bar[];

function makeSeries(profile: Profile, marketSeed: number): Series {
  const seed = hashIntegers(marketSeed, hashText(nameOf(profile)));
  const dayBar = makeTradingDays(profile, seed);

  return (interval, window, nowMs) => {
    const firstDay = firstDayOf(profile, interval);
    const find = isDateInterval(interval) ? datedBars : intradayBars;
    return find(interval, window, nowMs, firstDay).map((bar) => wireBar(bar, profile));
  };

  function intradayBars(interval: Interval, window: BarWindow, nowMs: number, firstDay: DayNumber) {
    const { fromMs, toMs, count } = window;
    const newestFirst: TickBar[] = [];
    // A forex day begins on the date before its own.
    const lastDay = dayNumberOf(Math.min(toMs, nowMs)) + 1;
    const first = Math.max(firstDay, dayNumberOf(fromMs));
    for (let day = lastDay; day >= first && newestFirst.length < count; day--) {
      const bars = intradayBarsOf(day, interval, nowMs);
      for (const bar of bars.reverse()) {
        if (bar.openedMs >= fromMs && bar.openedMs <= toMs) newestFirst.push(bar);
      }
    }
    return newestFirst.slice(0, count).reverse();
  }

  function intradayBarsOf(day: DayNumber, interval: Interval, nowMs: number): TickBar[] {
    const whole = dayBar(day);
    if (!whole || whole.openedMs > nowMs) return [];
    const durationMs = intervalDurationMs(interval);
    // The longest drawn candle of which the interval is a multiple: 45min is three of 15min.
    const depth = CHILD_MS.findIndex((ms) => durationMs % ms === 0) + 1;
    let parts = [whole];
    for (let d = 0; d < depth; d++) parts = parts.flatMap((part) => childrenOf(part, d, seed));
    const groups: TickBar[][] = [];
    for (const part of parts) {
      const formed = formedBy(part, depth, seed, nowMs);
      if (!formed) break;
      (groups[Math.floor((part.openedMs - whole.openedMs) / durationMs)] ??= []).push(formed);
    }
    return groups.map(sumOf);
  }

  function datedBars(interval: Interval, window: BarWindow, nowMs: number, firstDay: DayNumber) {
    const from = Math.ceil(window.fromMs / DAY_MS);
    const newestFirst: { label: DayNumber; days: TickBar[] }[] = [];
    const last = Math.min(dayNumberOf(nowMs) + 1, dayNumberOf(window.toMs) + LONGEST_LABEL_DAYS);
    for (let day = last; day >= Math.max(from, firstDay); day--) {
      const label = labelOf(day, interval);
      if (label * DAY_MS > window.toMs) continue;
      if (label < from) break;
      const whole = dayBar(day);
      const formed = whole && formedBy(whole, 0, seed, nowMs);
      if (!formed) continue;
      const current = newestFirst.at(-1);
      if (current?.label === label) current.days.unshift(formed);
      else if (newestFirst.length === window.count) break;
      else newestFirst.push({ label, days: [formed] });
    }
    return newestFirst.reverse().map(({ label, days }) => ({
      ...sumOf(days),
      openedMs: label * DAY_MS,
    }));
  }
}

function firstDayOf({ kind }: Listing, interval: Interval): DayNumber {
  const dates = FIRST_DATES;
  const date = interval === "1min"
    ? dates.minutes
    : kind === "crypto"
    ? dates.crypto
    : dates.others;
  return dayNumberOf(Date.parse(date));
}

/** The date that a candle carries: a week its Monday, a month its first. */
function labelOf(day: DayNumber, interval: Interval): DayNumber {
  if (interval === "1week") return day - (weekdayOf(day) + 6) % 7;
  if (interval === "1month") return day - (new Date(day * DAY_MS).getUTCDate() - 1);
  return day;
}

function wireBar(bar: TickBar, profile: Profile): Bar {
  return {
    openedMs: bar.openedMs,
    open: priceText(bar.open, profile),
    high: priceText(bar.high, profile),
    low: priceText(bar.low, profile),
    close: priceText(bar.close, profile),
    volume: bar.volume === null ? null : String(bar.volume),
  };
}

/**
 * The digits of a price. As at the provider their number varies: US prices mostly show five decimals
 * and sometimes the fewest ("283", "398.5"), others always the fewest. One price has one spelling.
 */
function priceText(ticks: number, profile: Profile): string {
  const text = (ticks / 10 ** profile.decimals).toFixed(profile.decimals);
  if (profile.currency !== null && ticks % 8 !== 0) return text + "0".repeat(5 - profile.decimals);
  return text.replace(/\.?0+$/, "");
}
