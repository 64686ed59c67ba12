/** What may be spent when, from the credits that are spent already. Pure. */
import type { DayWindow, MinuteWindow } from "../db/credits.ts";
import { DAY_MS } from "../market/holidays.ts";

/** How long one attempt of a request may take: its credits are counted by then, or never. */
export const REQUEST_LIMIT_MS = 30_000;
/** The provider's clock is not ours. */
export const MARGIN_MS = 1_000;
const MINUTE_MS = 60_000;
/** How long a credit counts after its answer. */
const HOLD_MS = MINUTE_MS + MARGIN_MS;

/** All that a decision needs. */
export interface CreditState {
  minutes: readonly MinuteWindow[];
  /** Yesterday's and later ones; a day that is absent has used nothing. */
  days: readonly DayWindow[];
  perMinute: number;
  /** Null without a daily cap. */
  perDay: number | null;
  /** Credits of today that are not for this request. */
  kept: number;
}

export type Decision =
  /** At most `free` credits can be spent now. */
  | { kind: "go"; free: number }
  /** Nothing changes before that instant; look again then. */
  | { kind: "wait"; until: Date }
  | { kind: "day_gone"; left: number; resumesAt: Date };

/** What the provider counted, as the headers of an answer say. */
export interface CreditAnswer {
  /** Credits used this minute, this request's with them. */
  used: number;
  /** Credits left this minute. */
  left: number;
  /** What the text of a refusal says that the plan grants a minute; it proves nothing of what is used. */
  perMinute?: number;
}

/**
 * Whether `cost` credits can be spent at `now`. Nobody knows whether the provider counts by the clock's
 * minutes or by the last 60 s, nor when between request and answer it counts. So a credit counts from its
 * reservation until 61 s after its answer, or after the request's time-out when it had none; and around
 * midnight it counts for both days.
 */
export function decide(state: CreditState, cost: number, now: Date): Decision {
  let free = Infinity;
  const days = daysTouched(now);
  for (const day of days) {
    const left = leftOfDay(state, day, now);
    if (left < cost) {
      return day.getTime() === startOfDay(now).getTime()
        ? { kind: "day_gone", left, resumesAt: nextDay(now) }
        // A few seconds from midnight: the other day has none, be it over or about to begin.
        : { kind: "wait", until: new Date(nextDay(days[0]!).getTime() + MARGIN_MS) };
    }
    free = Math.min(free, left);
  }
  const open = openWindows(state.minutes, now);
  free = Math.min(free, state.perMinute - sumOf(open));
  if (free >= cost) return { kind: "go", free };
  return { kind: "wait", until: whenFree(open, state.perMinute - cost, now) };
}

/** Credits that can be spent now: of the minute, and of the day (null without a cap). */
export function creditsLeft(
  state: CreditState,
  now: Date,
): { minute: number; day: number | null; resumesAt: Date | null } {
  const day = state.perDay === null ? null : Math.max(0, leftOfDay(state, startOfDay(now), now));
  return {
    minute: Math.max(0, state.perMinute - sumOf(openWindows(state.minutes, now))),
    day,
    resumesAt: day === 0 ? nextDay(now) : null,
  };
}

/** When the last of `credits` more can be spent at best: every answer comes at once, nobody else asks. */
export function estimateEnd(state: CreditState, credits: number, now: Date): Date {
  const held = openWindows(state.minutes, now)
    .map((window) => ({ credits: window.credits, endsAt: soonestEnd(window, now).getTime() }))
    .sort((a, b) => a.endsAt - b.endsAt);
  const { perMinute, perDay } = state;
  let at = now.getTime();
  let free = perMinute - held.reduce((sum, window) => sum + window.credits, 0);
  let today = perDay === null ? Infinity : leftOfDay(state, startOfDay(now), now);
  let rest = credits;
  for (let next = 0; rest > 0;) {
    const spent = Math.max(0, Math.min(free, today, rest));
    if (spent > 0) held.push({ credits: spent, endsAt: at + HOLD_MS });
    free -= spent;
    today -= spent;
    rest -= spent;
    if (rest === 0) break;
    const midnight = nextDay(new Date(at)).getTime();
    at = today > 0 ? held[next]!.endsAt : midnight + MARGIN_MS;
    if (at >= midnight) today = perDay ?? Infinity;
    for (; held[next] && held[next]!.endsAt <= at; next++) free += held[next]!.credits;
  }
  return new Date(at);
}

/**
 * Credits that the provider counts and nobody here spent: someone else uses the key. All that was open
 * since the request was made may be in its count, so what is over is foreign for certain. After a refusal
 * the minute is full, whatever the count. Neither is ever more than the minute: a larger count may be an
 * error, and would hold the minute no longer, but end the day.
 *
 * @returns `counted` credits for the day, `held` ones for the minute
 */
export function foreignCredits(
  { minutes, perMinute }: Pick<CreditState, "minutes" | "perMinute">,
  request: { startedAt: Date; answer: CreditAnswer | null; isRefused: boolean },
  now: Date,
): { counted: number; held: number } {
  const used = request.answer?.used ?? 0;
  const over = Math.max(0, used - sumOf(openWindows(minutes, request.startedAt)));
  const counted = Math.min(over, perMinute);
  const unused = perMinute - sumOf(openWindows(minutes, now));
  return { counted, held: request.isRefused ? Math.max(counted, unused) : counted };
}

/**
 * What the plan grants a minute, as an answer tells it; `before` where it does not. With nothing left the
 * sum may be too large, as a refused request is in `used`; then the text of the refusal tells it.
 */
export function perMinuteTold(answer: CreditAnswer | null, before: number | null): number | null {
  if (answer === null) return before;
  if (answer.left === 0 && answer.perMinute) return answer.perMinute;
  const told = answer.used + answer.left;
  if (told < 1) return before;
  return answer.left === 0 ? Math.min(told, before ?? Infinity) : told;
}

/** The days that the provider may count a request for that is sent at `now`. */
export function daysTouched(now: Date): Date[] {
  const first = startOfDay(new Date(now.getTime() - MARGIN_MS));
  const last = startOfDay(new Date(now.getTime() + REQUEST_LIMIT_MS + MARGIN_MS));
  return first < last ? [first, last] : [first];
}

/** Those of {@linkcode daysTouched} that are out of the question once the answer is there. */
export function daysNotTouched(startedAt: Date, answeredAt: Date): Date[] {
  return daysTouched(startedAt)
    .filter((day) => day.getTime() > answeredAt.getTime() + MARGIN_MS);
}

/** 00:00 UTC of the day. */
export function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}

/** The next 00:00 UTC. */
export function nextDay(at: Date): Date {
  return new Date(startOfDay(at).getTime() + DAY_MS);
}

/** Before these, windows neither hold credits nor explain what a late answer counts. */
export function pruneLimits(now: Date) {
  const before = (ms: number) => new Date(now.getTime() - ms);
  return {
    answeredBefore: before(HOLD_MS + REQUEST_LIMIT_MS),
    startedBefore: before(HOLD_MS + 2 * REQUEST_LIMIT_MS),
    startedAfter: before(-MINUTE_MS),
  };
}

function leftOfDay({ days, perDay, kept }: CreditState, day: Date, now: Date): number {
  if (perDay === null) return Infinity;
  const spent = days.find(({ startedAt }) => startedAt.getTime() === day.getTime())?.credits ?? 0;
  return perDay - spent - (day.getTime() === startOfDay(now).getTime() ? kept : 0);
}

function endOf({ startedAt, answeredAt }: MinuteWindow): Date {
  const countedAt = answeredAt?.getTime() ?? startedAt.getTime() + REQUEST_LIMIT_MS;
  return new Date(countedAt + HOLD_MS);
}

/** A request that is under way may be answered now. */
function soonestEnd(window: MinuteWindow, now: Date): Date {
  const end = endOf(window);
  if (window.answeredAt !== null) return end;
  return new Date(Math.min(end.getTime(), now.getTime() + HOLD_MS));
}

function openWindows(minutes: readonly MinuteWindow[], at: Date): MinuteWindow[] {
  return minutes.filter((window) => endOf(window) > at);
}

/** When at most `most` credits are held, at the soonest. */
function whenFree(open: readonly MinuteWindow[], most: number, now: Date): Date {
  let held = sumOf(open);
  const byEnd = open.map((window) => ({ ...window, endsAt: soonestEnd(window, now) }))
    .sort((a, b) => a.endsAt.getTime() - b.endsAt.getTime());
  for (const { credits, endsAt } of byEnd) {
    held -= credits;
    if (held <= most) return endsAt;
  }
  return now;
}

function sumOf(windows: readonly MinuteWindow[]): number {
  return windows.reduce((sum, { credits }) => sum + credits, 0);
}
