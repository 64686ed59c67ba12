/** What Twelve Data's refusals mean: try again, give up, or simply no data. */
import {
  TerminalError,
  type TerminalReason,
  TransientError,
  type TransientReason,
} from "../../../market/errors.ts";
import { type CreditAnswer, nextDay } from "../../credit_windows.ts";

/** What was asked and of whom, for messages. */
export interface Asked {
  /** Who answers: `Twelve Data` or `the simulator`. */
  provider: string;
  /** What is fetched, without the key: `/time_series of AAPL at 1h`. */
  what: string;
  /** Takes the API key out of a text: a provider may echo it. */
  scrub: (text: string) => string;
}

/** A refusal as it came: the code of the body, or the HTTP status when the body has none. */
export interface Refusal {
  code: number;
  message: string;
  now: Date;
}

/** "The window holds no data": an answer, not a failure. */
export const NO_DATA = null;

interface Rule {
  codes: readonly number[];
  /** Matches the message; any message when absent. */
  says?: RegExp;
  means: TerminalReason | TransientReason | "no_data";
  advice?: string;
}

const SERVER_CODES = Array.from({ length: 100 }, (_, index) => 500 + index);
const WITHOUT_KEY = "or leave it empty to use the built-in simulator";

/** The first rule that matches counts. 404 alone says nothing: only its message tells what it means. */
const RULES: readonly Rule[] = [
  { codes: [400, 404], says: /no data is available/i, means: "no_data" },
  { codes: [400, 404, 422], says: /^\W*(data not found|no data)\W*$/i, means: "no_data" },
  {
    codes: [400, 401, 403],
    says: /'demo' api key/i,
    means: "bad_key",
    advice:
      `The key "demo" serves the examples of the documentation only: set TWELVE_DATA_API_KEY ` +
      `to a key of your own, ${WITHOUT_KEY}`,
  },
  {
    codes: [400, 401, 403],
    says: /not authorized to access/i,
    means: "symbol_plan",
    advice: "Take the symbol out of SYMBOLS, or choose a plan that includes its exchange",
  },
  {
    codes: [400, 403],
    says: /\*\*apikey\*\*|api key (is|was) (incorrect|invalid|not)/i,
    means: "bad_key",
    advice: `Check TWELVE_DATA_API_KEY, ${WITHOUT_KEY}`,
  },
  { codes: [401], means: "bad_key", advice: `Check TWELVE_DATA_API_KEY, ${WITHOUT_KEY}` },
  {
    codes: [402, 403],
    means: "endpoint_plan",
    advice: "The plan of your key does not include this: choose another plan, or do without it",
  },
  {
    codes: [404],
    says: /available (starting with|exclusively|only)|\bplans?\b/i,
    means: "symbol_plan",
    advice: "Take the symbol out of SYMBOLS, or choose a plan that includes it",
  },
  {
    codes: [400, 404],
    says: /\*\*symbol\*\*|symbol.* not found/i,
    means: "unknown_symbol",
    advice: "Search for the right spelling with deno task etl add, and correct SYMBOLS",
  },
  {
    codes: [429],
    says: /for the day|next day/i,
    means: "day_credits",
    advice: "The next run after 00:00 UTC goes on; fewer SYMBOLS or INTERVALS cost fewer credits",
  },
  {
    codes: [429],
    means: "minute_credits",
    advice: "Check that TWELVE_DATA_CREDITS_PER_MINUTE is what your plan grants",
  },
  // The address stays as long on the next attempt, so waiting cannot mend it.
  { codes: [414], means: "bad_request", advice: "Ask for fewer symbols at a time" },
  { codes: [408, ...SERVER_CODES], means: "server", advice: "Try again later" },
];

const TRANSIENT: readonly string[] = ["minute_credits", "server", "network", "timeout"];

/** The credits are seen to return a moment after the clock minute begins, not exactly on it. */
const AFTER_MINUTE_MS = 1_000;

/** What a refusal means: the error to throw, or {@linkcode NO_DATA}. */
export function errorOfRefusal(
  asked: Asked,
  refusal: Refusal,
): TransientError | TerminalError | typeof NO_DATA {
  const { code, message, now } = refusal;
  const rule = RULES.find(({ codes, says }) =>
    codes.includes(code) && (says?.test(message) ?? true)
  );
  const means = rule?.means ?? "bad_request";
  if (means === "no_data") return NO_DATA;
  const text = sentence(
    asked,
    `${asked.provider} says "${oneLine(asked.scrub(message), 300)}" (code ${code})`,
    rule?.advice ?? "The same request will be refused again: correct it",
  );
  if (!isTransient(means)) {
    return new TerminalError(text, {
      reason: means,
      resumesAt: means === "day_credits" ? nextDay(now) : undefined,
      plan: means === "symbol_plan" || means === "endpoint_plan" ? planOf(message) : undefined,
    });
  }
  const retryAfterMs = means === "minute_credits" ? msToNextMinute(now) : undefined;
  return new TransientError(text, { reason: means, retryAfterMs });
}

/**
 * What the provider counted, as the refusal of a spent minute says; null of any other text. It tells the
 * plan's limit where the headers say only that nothing is left.
 */
export function countOfRefusal(text: string): CreditAnswer | null {
  const count =
    /credits for the current minute\. (\d{1,9}) API credits were used, with the current limit being (\d{1,9})/
      .exec(text);
  if (!count) return null;
  const [used, limit] = [Number(count[1]), Number(count[2])];
  return { used, left: limit - used };
}

/** The plan that a refusal names: `Grow or Venture`. */
function planOf(message: string): string | undefined {
  return /available (?:starting|exclusively|only) (?:with|on|in) (?:the )?(.+?) plans?\b/i
    .exec(oneLine(message, 300))?.[1];
}

/** The answer is whole, but not of the shape that the contract promises: it will not be next time. */
export function wrongShape(asked: Asked, detail: string): TerminalError {
  return new TerminalError(
    sentence(
      asked,
      `${asked.provider}'s answer is not of the expected shape: ${oneLine(detail, 300)}`,
      "Report this: its format may have changed",
    ),
    { reason: "malformed" },
  );
}

/** A failure on the way there or back, which may pass. */
export function failedOnTheWay(
  asked: Asked,
  reason: TransientReason,
  why: string,
  cause?: unknown,
): TransientError {
  return new TransientError(sentence(asked, oneLine(why, 300), "Try again later"), {
    reason,
    cause: scrubbedCause(asked, cause),
  });
}

/** One line in the grammar "Cannot <do X> as <why>. <What to do>", without the API key. */
export function sentence(asked: Asked, why: string, advice: string): string {
  return asked.scrub(`Cannot fetch ${asked.what} as ${why}. ${advice}`);
}

/** The text on one line, shortened to `maxLength` characters. */
export function oneLine(text: string, maxLength: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

function msToNextMinute(now: Date): number {
  return 60_000 - (now.getTime() % 60_000) + AFTER_MINUTE_MS;
}

function isTransient(means: TerminalReason | TransientReason): means is
  & TransientReason
  & Exclude<TransientReason, "malformed"> {
  return TRANSIENT.includes(means);
}

/** A copy of the cause and its causes that holds their texts only, without the API key. */
function scrubbedCause(asked: Asked, cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined;
  const copy = new Error(asked.scrub(cause.message), { cause: scrubbedCause(asked, cause.cause) });
  copy.name = asked.scrub(cause.name);
  copy.stack = asked.scrub(cause.stack ?? String(copy));
  return copy;
}
