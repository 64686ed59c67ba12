/** One request to the REST API: the key in a header, the answer read body first, then HTTP status. */
import { z } from "zod";
import { TerminalError } from "../../../market/errors.ts";
import {
  type Asked,
  countOfRefusal,
  errorOfRefusal,
  failedOnTheWay,
  NO_DATA,
  oneLine,
  sentence,
  wrongShape,
} from "./errors.ts";
import {
  type Bill,
  Clock,
  createRetry,
  REAL_CLOCK,
  type RetryOptions,
  type Spending,
} from "./retry.ts";
import { ErrorBody } from "./schema.ts";

export interface HttpOptions extends RetryOptions {
  /** `https://api.twelvedata.com`, or where the simulator answers. */
  baseUrl: string;
  /** Sent as `Authorization: apikey …`; no header when absent. */
  apiKey?: string;
  /** Whose candles are expected; an answer of the simulator is refused as `twelve_data`. */
  source?: "twelve_data" | "simulator";
  /** `fetch`, or a handler in this process. */
  fetch?: (request: Request) => Response | Promise<Response>;
}

/** Asks an endpoint; gives the JSON object, or {@linkcode NO_DATA}. */
export type Ask = (
  endpoint: string,
  params: Record<string, string>,
  asked: Asked,
  spending: Spending,
) => Promise<Record<string, unknown> | typeof NO_DATA>;

/** The header that the simulator adds to every answer. */
export const SIMULATOR_HEADER = "Chandlery-Simulator";

const HeaderCount = z.string().regex(/^\d{1,9}$/).transform(Number);
const CreditHeaders = z.object({ used: HeaderCount, left: HeaderCount });
type CreditHeaders = z.infer<typeof CreditHeaders>;

/** What Deno says when there was no connection to send a request over, or it would not make one. */
const NOT_SENT = /client error \(Connect\)|Requests to port \d+ are blocked/;

/** A shorter key is no secret (`demo`), and taking it out of the data could change a price. */
const SECRET_LENGTH = 8;

/**
 * A function that asks, with retries.
 * @throws {TerminalError} `bad_key` when the key cannot be sent in a header.
 */
export function createAsk(options: HttpOptions): Ask {
  const { baseUrl, apiKey = "", source = "twelve_data", clock = REAL_CLOCK } = options;
  if (!/^[\x21-\x7e]*$/.test(apiKey)) {
    throw new TerminalError(
      "Cannot send the API key as it must be visible ASCII characters. Check TWELVE_DATA_API_KEY",
      { reason: "bad_key" },
    );
  }
  const send = options.fetch ?? globalThis.fetch;
  const headers: HeadersInit = apiKey ? { Authorization: `apikey ${apiKey}` } : {};
  const runWithRetry = createRetry(options);

  return (endpoint, params, asked, spending) => {
    const url = `${baseUrl.replace(/\/+$/, "")}${endpoint}?${new URLSearchParams(params)}`;
    return runWithRetry(
      async (attemptSignal, bill) => {
        const answer = await fetchAnswer(
          new Request(url, {
            headers,
            signal: attemptSignal,
            // A redirect would carry the key to wherever it points.
            redirect: "manual",
          }),
          asked,
          bill,
        );
        if (source === "twelve_data" && answer.isSimulated) throw wrongSource(asked);
        const text = apiKey.length >= SECRET_LENGTH ? asked.scrub(answer.text) : answer.text;
        const body = readAnswer(asked, { ...answer, text }, clock, bill);
        if (source === "simulator" && !answer.isSimulated) throw notSimulated(asked);
        return body;
      },
      (timeoutMs) =>
        failedOnTheWay(
          asked,
          "timeout",
          `${asked.provider} did not answer within ${timeoutMs / 1000} s`,
        ),
      spending,
    );
  };

  async function fetchAnswer(
    request: Request,
    asked: Asked,
    bill: Bill,
  ) {
    let response: Response | undefined;
    try {
      response = await send(request);
      const isSimulated = response.headers.has(SIMULATOR_HEADER);
      const count = CreditHeaders.safeParse({
        used: response.headers.get("Api-Credits-Used"),
        left: response.headers.get("Api-Credits-Left"),
      });
      // Before the body: one that is cut off costs as much.
      if (count.success) bill.counted(count.data);
      return {
        status: response.status,
        isSimulated,
        text: await response.text(),
        count: count.data,
      };
    } catch (cause) {
      if (!response && NOT_SENT.test(String(rootOf(cause)))) bill.notSent();
      throw failedOnTheWay(asked, "network", `the connection failed: ${rootMessage(cause)}`, cause);
    }
  }
}

/** A function that takes the key out of a text, in every spelling that a provider may echo. */
export function scrubberOf(apiKey = ""): (text: string) => string {
  if (apiKey === "") return (text) => text;
  const spellings = new Set([
    apiKey,
    encodeURIComponent(apiKey),
    JSON.stringify(apiKey).slice(1, -1),
  ]);
  return (text) =>
    [...spellings].reduce((scrubbed, key) => scrubbed.replaceAll(key, "[API key]"), text);
}

/** The body decides: older answers carry an error with HTTP 200; the status only when it is silent. */
function readAnswer(
  asked: Asked,
  { status, text, count }: { status: number; text: string; count: CreditHeaders | undefined },
  clock: Clock,
  bill: Bill,
): Record<string, unknown> | typeof NO_DATA {
  if (status >= 300 && status < 400) throw redirected(asked, status);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw notJson(asked, status, text, clock);
  }
  const refused = ErrorBody.safeParse(body);
  if (refused.success || status >= 400) {
    const code = refused.data?.code;
    const message = refused.data?.message || oneLine(text, 100);
    const told = countOfRefusal(message);
    // Of what is used the headers are the proof: the text may be about another limit.
    if (told) bill.counted({ used: 0, left: 0, ...count, perMinute: told.used + told.left });
    const isCode = code !== undefined && code >= 400;
    const error = errorOfRefusal(asked, {
      code: isCode ? code : status,
      message,
      now: clock.now(),
    });
    if (error === NO_DATA) return NO_DATA;
    throw error;
  }
  if (!isObject(body)) throw wrongShape(asked, "it is not a JSON object");
  return body;
}

/** A proxy's page, an empty or a cut body: it may be whole the next time. */
function notJson(asked: Asked, status: number, text: string, clock: Clock): Error {
  const words = oneLine(text.replace(/<[^>]*>/g, " "), 100);
  if (status === 414 || status === 429) {
    const error = errorOfRefusal(asked, { code: status, message: words, now: clock.now() });
    if (error !== NO_DATA) return error;
  }
  const shown = words === "" ? "is empty" : `is not whole JSON: "${words}"`;
  return failedOnTheWay(
    asked,
    status >= 500 ? "server" : "malformed",
    `the answer (HTTP ${status}) ${shown}`,
  );
}

/** The innermost cause says what happened; `fetch failed` does not. Addresses are left out. */
function rootMessage(cause: unknown): string {
  const root = rootOf(cause);
  return String(root instanceof Error ? root.message : root).replace(
    / (for url )?\(https?:[^)]*\)/,
    "",
  );
}

function rootOf(cause: unknown): unknown {
  let root = cause;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

function redirected(asked: Asked, status: number): TerminalError {
  const why = `${asked.provider} redirects to another address (HTTP ${status})`;
  return new TerminalError(sentence(asked, why, "Check TWELVE_DATA_BASE_URL"), {
    reason: "bad_request",
  });
}

function wrongSource(asked: Asked): TerminalError {
  const why =
    "what answers as Twelve Data is a simulator, and its candles must never be stored as " +
    "real";
  const advice = "Leave TWELVE_DATA_API_KEY empty to use the simulator, or point " +
    "TWELVE_DATA_BASE_URL to Twelve Data";
  return new TerminalError(sentence(asked, why, advice), { reason: "wrong_source" });
}

function notSimulated(asked: Asked): TerminalError {
  const why = "what answers is no simulator, and real candles must never be stored as simulated";
  const advice = "Set TWELVE_DATA_API_KEY, to any text where the address needs none";
  return new TerminalError(sentence(asked, why, advice), { reason: "wrong_source" });
}

function isObject(body: unknown): body is Record<string, unknown> {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}
