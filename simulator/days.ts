/** The trading days of a simulated instrument: open, high, low, close and volume of each date. */
import type { DayNumber } from "../market/holidays.ts";
import { type Session, tradingDay } from "../market/session.ts";
import { hasVolume, sessionOfListing } from "./market.ts";
import type { Profile } from "./listings.ts";
import { hashIntegers, Random } from "./random.ts";
import type { TickBar } from "./tree.ts";
import { makeDailyWalk } from "./walk.ts";

const HALF_DAY_MS = 12_600_000;

/** Days of a year on which the session trades, by which a year's variance is shared out. */
const TRADING_DAYS: Record<Session["name"], number> = {
  us_stocks: 252,
  forex: 260,
  round_the_clock: 365,
  unknown: 365,
};

/** The trading day of any date, or null when the market is closed on it. Remembers what it made. */
export function makeTradingDays(
  profile: Profile,
  seed: number,
): (day: DayNumber) => TickBar | null {
  const session = sessionOfListing(profile);
  const walk = makeDailyWalk(profile, seed);
  const sigma = profile.yearlyVolatility / Math.sqrt(TRADING_DAYS[session.name]);
  const ticksOf = (logPrice: number) =>
    Math.max(1, Math.round(Math.exp(logPrice) * 10 ** profile.decimals));
  const known = new Map<DayNumber, TickBar | null>();

  return (day) => {
    let bar = known.get(day);
    if (bar === undefined) known.set(day, bar = makeDay(day));
    return bar;
  };

  function makeDay(day: DayNumber): TickBar | null {
    const hours = tradingDay(day, session);
    if (!hours) return null;
    const random = new Random(hashIntegers(seed, 7, day));
    let before = day - 1;
    while (!tradingDay(before, session)) before--;
    const [previous, logClose] = [walk(before), walk(day)];
    // Whoever has been away opens with a gap; a market that never slept goes on where it was.
    const gapSigma = session.name === "us_stocks"
      ? 0.35 * sigma
      : before < day - 1
      ? 0.15 * sigma
      : 0;
    const gap = gapSigma === 0 ? 0 : 0.3 * (logClose - previous) + gapSigma * random.normal();
    const open = ticksOf(previous + gap);
    const close = ticksOf(logClose);
    const restlessness = sigma * Math.exp(0.35 * random.normal());
    const reach = () => Math.exp(0.4 * restlessness * random.exponential());
    const high = Math.round(Math.max(open, close) * reach());
    const low = Math.round(Math.min(open, close) / reach());
    return {
      openedMs: hours.opensMs,
      closesMs: hours.closesMs,
      open,
      high,
      low: Math.max(1, low),
      close,
      volume: hasVolume(profile.kind)
        ? volumeOf(Math.abs(logClose - previous) / sigma, hours.closesMs - hours.opensMs, random)
        : null,
    };
  }

  /** In hundreds, as exchanges report a day; big moves draw a crowd. */
  function volumeOf(moveInSigmas: number, durationMs: number, random: Random): number {
    const crowd = (0.75 + 0.3 * moveInSigmas) * Math.exp(0.2 * random.normal());
    const length = durationMs === HALF_DAY_MS ? 0.5 : 1;
    return 100 * Math.max(1, Math.round(profile.dailyVolume * crowd * length / 100));
  }
}
