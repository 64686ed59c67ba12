/** Credits as the provider counts them: a request that is refused costs as much as one that is served. */
import { DAY_MS } from "../market/holidays.ts";
import { outOfCredits, type WireError } from "./errors.ts";

const MINUTE_MS = 60_000;

/** Far more than one process can ask for: the plan of a simulator that nobody limits. */
const UNLIMITED_PER_MINUTE = 1_000_000;

/** What a plan allows, in credits. */
export interface CreditLimits {
  perMinute?: number;
  /** No daily cap when it is left out. */
  perDay?: number;
  /** Whether the minute is the clock's or the last 60 s; the provider's own reading is not certain. */
  minuteWindow?: "fixed" | "sliding";
}

/** An account of credits; times are unix milliseconds. */
export interface Credits {
  /** Takes the cost of a request and answers the error that refuses it, or null. */
  spend(cost: number, nowMs: number): WireError | null;
  usedThisMinute(nowMs: number): number;
  usedToday(nowMs: number): number;
  readonly perMinute: number;
  readonly perDay: number | null;
}

/** An account that has spent nothing yet. */
export function makeCredits(limits: CreditLimits): Credits {
  const perMinute = limits.perMinute ?? UNLIMITED_PER_MINUTE;
  const perDay = limits.perDay ?? null;
  let spent: { atMs: number; cost: number }[] = [];
  let today = { day: 0, used: 0 };

  function usedThisMinute(nowMs: number): number {
    const isSliding = limits.minuteWindow === "sliding";
    const sinceMs = isSliding ? nowMs - MINUTE_MS + 1 : nowMs - nowMs % MINUTE_MS;
    spent = spent.filter(({ atMs }) => atMs >= sinceMs);
    return spent.reduce((sum, { cost }) => sum + cost, 0);
  }

  function usedToday(nowMs: number): number {
    const day = Math.floor(nowMs / DAY_MS);
    if (today.day !== day) today = { day, used: 0 };
    return today.used;
  }

  return {
    perMinute,
    perDay,
    usedThisMinute,
    usedToday,
    spend(cost, nowMs) {
      spent.push({ atMs: nowMs, cost });
      today = { day: Math.floor(nowMs / DAY_MS), used: usedToday(nowMs) + cost };
      if (perDay !== null && today.used > perDay) return outOfCredits("day", today.used, perDay);
      const used = usedThisMinute(nowMs);
      return used > perMinute ? outOfCredits("minute", used, perMinute) : null;
    },
  };
}
