/**
 * A stand-in for Twelve Data over REST: the wire contract of docs and recordings, prices of its own. It
 * never looks like the real one: every answer carries the header `Chandlery-Simulator`.
 */
import { dayNumberOf } from "../market/holidays.ts";
import { tradingDay } from "../market/session.ts";
import { type CreditLimits, makeCredits } from "./credits.ts";
import {
  badKey,
  demoKey,
  type ErrorMeta,
  invalidSymbol,
  noData,
  notInPlan,
  unknownEndpoint,
  WireError,
} from "./errors.ts";
import { failAnswer, type Fault, type FaultRates, makeFaults } from "./faults.ts";
import { makeGeneratedMarket } from "./generated_market.ts";
import { type Listing, sessionOfListing, type SimulatedMarket } from "./market.ts";
import {
  checkSymbolCount,
  parseInterval,
  parseParameters,
  rawParameters,
  symbolsOf,
} from "./query.ts";
import { answerPrice, answerQuote } from "./quote.ts";
import { answerSymbolSearch } from "./search.ts";
import { oneOf, spoilSeries, spoiltSymbols } from "./spoil.ts";
import {
  answerSplits,
  answerTimeSeries,
  csvOf,
  findListing,
  type Quirks,
  type TimeSeriesAnswer,
} from "./time_series.ts";

/** Names the origin of the prices on every answer: `seed=1` or `replay`. */
export const SIMULATOR_HEADER = "Chandlery-Simulator";

/** The seed of everyone who names none, so that they all see the same prices. */
export const DEFAULT_SEED = 1;

/** Everything that a simulator can be told; nothing is needed. */
export interface SimulatorOptions {
  /** Which prices are drawn, unless there is a `market`, and when faults happen. Default {@linkcode DEFAULT_SEED}. */
  seed?: number;
  /** The present. Default: the system's clock. */
  now?: () => Date;
  /** Default: no limit that one process could reach. */
  credits?: CreditLimits;
  /** The only key that is accepted. Default: any, and none. */
  apiKey?: string;
  /** What is served instead of generated prices, such as a replay. */
  market?: SimulatedMarket;
  /** Other readings of the contract's uncertain rules. */
  quirks?: Partial<Quirks>;
  /** What goes wrong, and how often. Default: nothing. */
  faults?: FaultRates;
  /** Symbols that the plan does not include, in capitals, each with the plan it needs: `Grow or Venture`. */
  gatedSymbols?: Readonly<Record<string, string>>;
}

/** Answers requests as the provider would; the host of the URL does not matter. */
export interface Simulator {
  /** @param ending ends the answers that a fault holds back, as the request's own signal does */
  fetch(request: Request, ending?: AbortSignal): Promise<Response>;
}

type Raw = Record<string, string>;
type Answer = Record<string, unknown> | string;
type Endpoint = (raw: Raw, nowMs: number, fault: Fault | null) => Answer;

/** Credits of a request for one symbol, where it is not one. */
const COSTS: Readonly<Record<string, number>> = { "/splits": 20 };

/** A simulator to ask in its own process; `serveSimulator` puts one on a socket. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const market = options.market ?? makeGeneratedMarket(options.seed ?? DEFAULT_SEED);
  const now = options.now ?? (() => new Date());
  const quirks: Quirks = { dailyEndExclusive: true, errorsAsHttp200: false, ...options.quirks };
  const credits = makeCredits(options.credits ?? {});
  const nextFault = makeFaults(options.faults ?? {}, options.seed ?? DEFAULT_SEED);

  const endpoints: Record<string, Endpoint> = {
    "/time_series": answerSeries,
    "/quote": (raw, nowMs) => answerEach(raw, (listing) => answerQuote(market, listing, nowMs)),
    "/price": (raw, nowMs) => answerEach(raw, (listing) => answerPrice(market, listing, nowMs)),
    "/splits": (raw) => answerEach(raw, answerSplits),
    "/earliest_timestamp": (raw) => answerEach(raw, (listing) => earliest(listing, raw)),
    "/symbol_search": (raw) => {
      const { outputsize } = parseParameters({ ...raw, symbol: "" });
      return answerSymbolSearch(market.listings(), raw.symbol ?? "", Math.min(outputsize, 120));
    },
    "/api_usage": (_, nowMs) => usage(nowMs),
  };

  function answerSeries(raw: Raw, nowMs: number, fault: Fault | null): Answer {
    const parameters = parseParameters(raw);
    // A wrong interval is wrong for every symbol, so it fails the request and no symbol alone.
    parseInterval(parameters.interval);
    if (parameters.format === "CSV") {
      const [symbol = "", ...others] = symbolsOf(raw);
      if (others.length > 0) throw new WireError(400, "**format** CSV is for one symbol");
      return csvOf(answerOne(symbol, parameters));
    }
    const spoilt = fault === null ? null : spoiltSymbols(symbolsOf(raw), fault);
    return answerSymbols(
      raw,
      (symbol) =>
        fault && spoilt?.has(symbol) ? answerFaulty(symbol, fault) : { ...answerOne(symbol) },
    );

    function answerOne(symbol: string, asked = parameters): TimeSeriesAnswer {
      checkPlan(symbol);
      return answerTimeSeries(market, symbol, asked, quirks, nowMs);
    }

    function answerFaulty(symbol: string, fault: Fault): Record<string, unknown> {
      const answer = answerOne(symbol);
      if (fault.kind === "empty") throw noData();
      if (fault.kind !== "other_symbol") return spoilSeries(answer, fault);
      const others = market.listings().filter((other) => other.symbol !== answer.meta.symbol);
      if (others.length === 0) return { ...answer };
      const other = oneOf(others, fault.random).symbol;
      return { ...answerOne(other, { ...parameters, exchange: "", mic_code: "" }) };
    }
  }

  /** @throws WireError 404 that names the plan which includes the symbol. */
  function checkPlan(symbol: string): void {
    const plan = options.gatedSymbols?.[symbol.toUpperCase()];
    if (plan !== undefined) throw notInPlan(plan);
  }

  function answerEach(raw: Raw, answer: (listing: Listing) => Record<string, unknown>): Answer {
    const parameters = parseParameters(raw);
    return answerSymbols(raw, (symbol) => {
      checkPlan(symbol);
      const listing = findListing(market, symbol, parameters);
      if (!listing) throw invalidSymbol();
      return answer(listing);
    });
  }

  function earliest(listing: Listing, raw: Raw): Record<string, unknown> {
    const firstMs = market.earliestMs(listing, parseInterval(raw.interval ?? "1day"));
    if (firstMs === null) throw invalidSymbol();
    const openedMs = tradingDay(dayNumberOf(firstMs), sessionOfListing(listing))?.opensMs ??
      firstMs;
    return {
      datetime: new Date(firstMs).toISOString().slice(0, 10),
      unix_time: Math.max(firstMs, openedMs) / 1000,
    };
  }

  function usage(nowMs: number): Record<string, unknown> {
    return {
      timestamp: new Date(nowMs).toISOString().slice(0, 19).replace("T", " "),
      current_usage: credits.usedThisMinute(nowMs),
      plan_limit: credits.perMinute,
      ...(credits.perDay === null
        ? {}
        : { daily_usage: credits.usedToday(nowMs), plan_daily_limit: credits.perDay }),
      plan_category: "basic",
    };
  }

  /** @throws WireError 401. The header of the WebSocket is no key here, as at the provider. */
  function checkKey(request: Request, raw: Raw): void {
    const authorization = request.headers.get("authorization");
    const key = /^apikey\s+(\S+)$/i.exec(authorization ?? "")?.[1] ?? raw.apikey;
    if (options.apiKey === undefined) {
      if (key === undefined && request.headers.has("x-td-apikey")) throw badKey();
    } else if (key !== options.apiKey) throw key === "demo" ? demoKey() : badKey();
  }

  function respond(answer: Answer, status: number, headers: HeadersInit): Response {
    const response = typeof answer === "string"
      ? new Response(answer, { headers: { "Content-Type": "text/csv; charset=utf-8" } })
      : Response.json(answer, { status });
    for (const [name, value] of new Headers(headers)) response.headers.set(name, value);
    response.headers.set(SIMULATOR_HEADER, market.origin);
    return response;
  }

  function refuse(error: unknown, raw: Raw, headers: HeadersInit): Response {
    if (!(error instanceof WireError)) throw error;
    // Recorded: of the requests that fail whole, this one alone repeats what was asked.
    const hasMeta = error.message.startsWith("Invalid **interval**");
    const body = error.body(hasMeta ? metaOfRequest(raw) : undefined);
    return respond(body, quirks.errorsAsHttp200 ? 200 : error.code, headers);
  }

  async function handle(request: Request, ending?: AbortSignal): Promise<Response> {
    const fault = nextFault();
    const { response, cost } = answerTo(request, fault);
    if (fault === null) return response;
    const spent = { cost, perMinute: credits.perMinute };
    // Deno warns of a request's signal that was looked at without need.
    const signals = () => ending ? [request.signal, ending] : [request.signal];
    return await failAnswer(response, fault, spent, signals);
  }

  function answerTo(
    request: Request,
    fault: Fault | null,
  ): { response: Response; cost: number } {
    const nowMs = now().getTime();
    const url = new URL(request.url);
    const raw = rawParameters(url);
    const isSearch = url.pathname === "/symbol_search";
    const cost = isSearch ? 1 : Math.max(1, symbolsOf(raw).length) * (COSTS[url.pathname] ?? 1);
    let headers: HeadersInit = {};
    try {
      const endpoint = Object.hasOwn(endpoints, url.pathname) && endpoints[url.pathname];
      if (!endpoint || request.method !== "GET") throw unknownEndpoint(url.pathname);
      if (!isSearch) checkKey(request, raw);
      const refusal = credits.spend(cost, nowMs);
      const used = credits.usedThisMinute(nowMs);
      headers = {
        "Api-Credits-Used": String(used),
        "Api-Credits-Left": String(Math.max(0, credits.perMinute - used)),
        "Api-Credits-Request": String(cost),
      };
      if (refusal) throw refusal;
      return { response: respond(endpoint(raw, nowMs, fault), 200, headers), cost };
    } catch (error) {
      return { response: refuse(error, raw, headers), cost };
    }
  }

  return { fetch: handle };
}

/** One symbol: the flat shape. Several: an object keyed by symbol, in which one can fail alone. */
function answerSymbols(raw: Raw, answer: (symbol: string) => Record<string, unknown>): Answer {
  const symbols = symbolsOf(raw);
  const [first, ...others] = symbols;
  if (first === undefined) throw invalidSymbol();
  if (others.length === 0) return answer(first);
  checkSymbolCount(symbols);
  return Object.fromEntries(symbols.map((symbol) => {
    try {
      return [symbol, answer(symbol)];
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return [symbol, error.body(metaOfRequest(raw))];
    }
  }));
}

function metaOfRequest(raw: Raw): ErrorMeta {
  return { symbol: raw.symbol ?? "", interval: raw.interval ?? "", exchange: raw.exchange ?? "" };
}
