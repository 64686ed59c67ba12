/**
 * Answers in memory for a moment: a page costs several queries and a render, and however many ask for
 * it at once, it is made once.
 */
import { LRUCache } from "lru-cache";
import { chooseLocale } from "../components/locale.ts";
import { readUpTo } from "./_body.ts";
import { finishAnswer, type FinishedAnswer, isCompressible, sendAnswer } from "./_finished.ts";
import { passAnswer } from "./_passed.ts";
import { preferenceCookies } from "./_preferences.ts";

export interface CacheOptions {
  /** How old the data of an answer may be; with 0 only hashed assets are kept. */
  lifetimeMs: number;
  /** A clock that only goes forward. */
  elapsedMs?: () => number;
}

type Site = (request: Request) => Promise<Response>;

interface Kept {
  answer: FinishedAnswer;
  /** When its data was read, by {@linkcode CacheOptions.elapsedMs}. */
  startedAt: number;
  lifetimeMs: number;
}

/** What came of asking the routes: something for everyone, or for one client only. */
type Made = Kept | Response;

interface Flight {
  startedAt: number;
  made: Promise<Made>;
}

/** A crawler that makes up queries puts out what was asked for longest ago, and takes no more room. */
const MOST_ANSWERS = 1000;
const MOST_BYTES = 32 * 2 ** 20;
/** What is longer is sent as it is made. */
const LONGEST_BYTES = 2 ** 20;
/** Headers, and what an entry costs beside its texts. */
const ENTRY_BYTES = 4096;

/** A probe must not wait for another one. */
const HEALTH = "/healthz";
/** Changes nothing but cookies. */
const PREFERENCES = "/preferences";
/** The same for everyone, whatever the cookies say. */
const IMPERSONAL = /^\/(api|static)\//;
/** What of a request an answer may depend on. */
const COVERED = ["cookie", "accept-language", "accept-encoding"];

/**
 * The answers of `site`, kept, compressed and with an `ETag`. Of a `GET` the routes see the address and
 * the preferences and the locale and nothing else, as the key of an answer holds nothing else. Not kept are errors,
 * redirects, attachments, long answers, and what says `no-store`.
 */
export function cacheAnswers(
  site: Site,
  { lifetimeMs, elapsedMs = () => performance.now() }: CacheOptions,
): Site {
  const kept = new LRUCache<string, Kept>({
    max: MOST_ANSWERS,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ answer: { plain, gzip } }, key) =>
      ENTRY_BYTES + 2 * key.length + plain.body.length + (gzip?.body.length ?? 0),
  });
  const flights = new Map<string, Flight>();
  const maxAgeSeconds = Math.floor(lifetimeMs / 1000);

  function isFresh({ startedAt }: { startedAt: number }, lifetimeMs: number): boolean {
    return elapsedMs() - startedAt < lifetimeMs;
  }

  function send({ answer, startedAt }: Kept, request: Request): Response {
    return sendAnswer(answer, request, Math.floor((elapsedMs() - startedAt) / 1000));
  }

  async function make(ask: () => Promise<Response>): Promise<Made> {
    const startedAt = elapsedMs();
    const response = await ask();
    if (!isKeepable(response) || response.body === null) return response;
    const body = await readUpTo(response.body, LONGEST_BYTES);
    if (!(body instanceof Uint8Array)) return new Response(body, response);
    const answer = await finishAnswer(response, body, maxAgeSeconds);
    return { answer, startedAt, lifetimeMs: isImmutable(response) ? Infinity : lifetimeMs };
  }

  function begin(key: string, ask: () => Promise<Response>): Promise<Made> {
    const flight: Flight = { startedAt: elapsedMs(), made: make(ask) };
    flights.set(key, flight);
    const land = (made?: Made) => {
      // Else the data changed or was asked for again since: what was read before must not be kept.
      if (flights.get(key) !== flight) return;
      flights.delete(key);
      if (made && !(made instanceof Response)) kept.set(key, made);
    };
    flight.made.then(land, () => land());
    return flight.made;
  }

  async function change(request: Request): Promise<Response> {
    const response = await site(request);
    const isRefused = response.status >= 400 && response.status < 500;
    // Preferences are in the key of an answer: they change none.
    if (!isRefused && new URL(request.url).pathname !== PREFERENCES) {
      kept.clear();
      flights.clear();
    }
    return response;
  }

  return async (request) => {
    const { method, url, headers } = request;
    if (method !== "GET" && method !== "HEAD") return await change(request);
    const { pathname } = new URL(url);
    if (pathname === HEALTH) return await site(request);
    const cookies = IMPERSONAL.test(pathname) ? null : headers.get("Cookie");
    const cookie = cookies === null ? "" : preferenceCookies(cookies);
    const locale = IMPERSONAL.test(pathname) ? "" : chooseLocale(headers.get("Accept-Language"));
    const key = `${locale} ${cookie} ${url}`;
    const arrivedAt = elapsedMs();
    // A page that knows of a change asks past every cache, ours too.
    const mustBeNew = /no-cache|no-store/.test(headers.get("Cache-Control") ?? "");
    const isGoodEnough = ({ startedAt, lifetimeMs }: Kept) =>
      lifetimeMs === Infinity ||
      (isFresh({ startedAt }, lifetimeMs) && (!mustBeNew || startedAt >= arrivedAt));
    const found = kept.get(key);
    if (found && isGoodEnough(found)) return send(found, request);
    if (mustBeNew) {
      // However many ask past it: they wait for what is being made, and share the next.
      await flights.get(key)?.made.catch(() => {});
    }

    // Without the client's signal: who came first may go away, and the others wait for the answer.
    const ask = () =>
      site(
        new Request(url, {
          headers: { ...cookie && { cookie }, ...locale && { "Accept-Language": locale } },
        }),
      );
    const flight = flights.get(key);
    const isShared = flight !== undefined && isFresh(flight, lifetimeMs) &&
      (!mustBeNew || flight.startedAt >= arrivedAt);
    let made = await (isShared ? flight.made : begin(key, ask));
    if (isShared && made instanceof Response) made = await ask();
    return made instanceof Response ? passAnswer(made, request) : send(made, request);
  };
}

function isKeepable({ status, headers }: Response): boolean {
  const names = headers.get("Vary")?.toLowerCase().split(/\s*,\s*/) ?? [];
  return status === 200 && isCompressible(headers) && !headers.has("Set-Cookie") &&
    !/no-store/.test(headers.get("Cache-Control") ?? "") &&
    !/attachment/.test(headers.get("Content-Disposition") ?? "") &&
    names.every((name) => COVERED.includes(name));
}

/** Its address holds a hash of its content. */
function isImmutable({ headers }: Response): boolean {
  return /immutable/.test(headers.get("Cache-Control") ?? "");
}
