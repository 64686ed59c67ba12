/** A Twelve Data client that gets prepared answers, for tests. */
import assert from "node:assert/strict";
import {
  createTwelveDataClient,
  type TwelveDataOptions,
} from "../../etl/providers/twelve_data/client.ts";
import type { TimeSeriesRequest } from "../../etl/provider.ts";
import {
  TerminalError,
  type TerminalReason,
  TransientError,
  type TransientReason,
} from "../../market/errors.ts";

export const KEY = "0123456789abcdef0123456789abcdef";
/** 17 seconds into a minute: 43 s until the next one. */
export const NOW = new Date("2026-11-22T12:00:17Z");
export const DAILY: TimeSeriesRequest = { interval: "1day", outputSize: 2 };
export const AAPL_DAILY = fixture("recorded__time_series_AAPL_1day_asc.json");
export const MINUTE_SPENT = fixture("recorded__error_429_minute_basic.json");

/** Nothing waits, wherever the test does not look at the pauses. */
export const BASE = {
  baseUrl: "http://twelve-data.test",
  clock: { now: () => NOW, sleep: () => Promise.resolve() },
};

/** A client that gets the answers in turn, and does not wait. */
export function fakeClient(
  answers: (string | Response)[],
  options: Partial<TwelveDataOptions> = {},
) {
  const requests: Request[] = [];
  const waits: number[] = [];
  const client = createTwelveDataClient({
    ...BASE,
    clock: {
      now: () => NOW,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    },
    fetch: (request) => {
      requests.push(request);
      const answer = answers[requests.length - 1] ?? assert.fail("one request too many");
      return typeof answer === "string" ? new Response(answer) : answer.clone();
    },
    ...options,
  });
  return { client, requests, waits };
}

/** The failure of a /time_series, once it is proved to be of that reason and to say that in one line. */
export async function rejects(
  promise: Promise<unknown>,
  reason: TransientReason | TerminalReason,
  says: RegExp,
): Promise<Error> {
  const error = await promise.then(() => assert.fail("expected a failure"), (error) => error);
  assert.ok(error instanceof TransientError || error instanceof TerminalError, String(error));
  assert.equal(error.reason, reason, error.message);
  assert.match(error.message, says);
  assert.match(error.message, /^Cannot fetch \/time_series of /);
  assert.ok(!error.message.includes("\n"), "one line");
  return error;
}

/** The text of a file of the fixtures. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(`../fixtures/twelve_data/${name}`, import.meta.url));
}
