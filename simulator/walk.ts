/** The path of a price from day to day, exact at any date without the days before it. */
import { type DayNumber, dayNumberOf } from "../market/holidays.ts";
import { ANCHOR_DATE, type Profile } from "./listings.ts";
import { hashIntegers, Random } from "./random.ts";

/** Days that the walk reaches on either side of its anchor: 90 years; beyond, the price stands still. */
const REACH_DAYS = 2 ** 15;
const DAYS_PER_YEAR = 365.25;

/**
 * The natural logarithm of the price at the end of a day, for any day: a Brownian bridge between the
 * profile's level on its anchor date and a far end, filled in by halving (Lévy's construction: the
 * middle of a span of n days is normal around the mean of its ends, with variance σ²·n/4).
 */
export function makeDailyWalk(profile: Profile, seed: number): (day: DayNumber) => number {
  const anchor = dayNumberOf(Date.parse(ANCHOR_DATE));
  const sigma = profile.yearlyVolatility / Math.sqrt(DAYS_PER_YEAR);
  const level = Math.log(profile.level);
  const drift = profile.yearlyDrift * (REACH_DAYS / DAYS_PER_YEAR);
  // The far end is tamed, so that a lifetime of luck does not carry the price out of reason.
  const spread = 0.2 * sigma * Math.sqrt(REACH_DAYS);
  const known = new Map<DayNumber, number>([
    [anchor, level],
    [anchor - REACH_DAYS, level - drift + spread * normal(-1)],
    [anchor + REACH_DAYS, level + drift + spread * normal(1)],
  ]);

  function normal(key: number): number {
    return new Random(hashIntegers(seed, key)).normal();
  }

  return (day) => {
    let low = day < anchor ? anchor - REACH_DAYS : anchor;
    let high = day < anchor ? anchor : anchor + REACH_DAYS;
    const wanted = Math.min(Math.max(day, low), high);
    while (!known.has(wanted)) {
      const middle = (low + high) / 2;
      if (!known.has(middle)) {
        const mean = (known.get(low)! + known.get(high)!) / 2;
        known.set(middle, mean + sigma * Math.sqrt((high - low) / 4) * normal(middle));
      }
      if (wanted < middle) high = middle;
      else low = middle;
    }
    return known.get(wanted)!;
  };
}
