/** Twelve Data's REST API as a provider of candles. */
import { TerminalError } from "../../../market/errors.ts";
import { Symbol } from "../../../market/instrument.ts";
import { isDateInterval } from "../../../market/interval.ts";
import type { FetchOptions, Provider, TimeSeries, TimeSeriesRequest } from "../../provider.ts";
import { type Asked, errorOfRefusal, NO_DATA, sentence, wrongShape } from "./errors.ts";
import { createAsk, type HttpOptions, scrubberOf } from "./http.ts";
import { REAL_CLOCK, type Spending } from "./retry.ts";
import {
  ErrorBody,
  type Listing,
  parseCreditUsage,
  parseQuote,
  parseSplits,
  parseSymbolMatches,
  parseTimeSeries,
} from "./schema.ts";

export type TwelveDataOptions = HttpOptions;

/** The most symbols and the most candles a symbol that one request may ask for. */
const MAX_SYMBOLS = 120;
const MAX_OUTPUT_SIZE = 5000;
const DAY_MS = 86_400_000;
const SPLITS_COST = 20;

/**
 * A client of Twelve Data, or of the simulator that stands in for it. Every attempt takes its credits
 * first: one a symbol, 20 for splits.
 * @throws {TerminalError} `bad_key` when the key cannot be sent in a header.
 */
export function createTwelveDataClient(options: TwelveDataOptions): Provider {
  const ask = createAsk(options);
  const clock = options.clock ?? REAL_CLOCK;
  const provider = options.source === "simulator" ? "the simulator" : "Twelve Data";
  const scrub = scrubberOf(options.apiKey);
  const asking = (what: string): Asked => ({ provider, what, scrub });

  return {
    fetchTimeSeries,

    async fetchTimeSeriesBatch(symbols, request, options) {
      const unique = [...new Set(symbols)];
      const [only] = unique;
      if (only === undefined) return new Map();
      if (unique.length === 1) {
        return new Map([[only, await fetchTimeSeries(only, request, options).catch(ofSymbol)]]);
      }
      const asked = asking(`/time_series of ${unique.join(", ")} at ${request.interval}`);
      refuseNonSymbols(asked, unique);
      const params = {
        ...paramsOfTimeSeries(unique.join(","), request),
        ...paramsOfListing(options),
      };
      const body = await ask("/time_series", params, asked, spendingOf(unique.length, options));
      return new Map(unique.map((symbol) => {
        const asked = asking(`/time_series of ${symbol} at ${request.interval}`);
        return [symbol, body === NO_DATA ? emptySeries() : seriesOfBatch(asked, symbol, body)];
      }));

      function seriesOfBatch(asked: Asked, symbol: string, body: Record<string, unknown>) {
        if (!Object.hasOwn(body, symbol)) return wrongShape(asked, "the symbol is missing in it");
        const part = body[symbol];
        const refused = ErrorBody.safeParse(part);
        try {
          const listing = { symbol, micCode: options?.micCode };
          if (!refused.success) return parseTimeSeries(asked, listing, request.interval, part);
        } catch (error) {
          return ofSymbol(error);
        }
        const { code = 400, message } = refused.data;
        return errorOfRefusal(asked, { code, message, now: clock.now() }) ?? emptySeries();
      }
    },

    async searchSymbols(text, options) {
      const asked = asking(`/symbol_search of "${text}"`);
      const params = { symbol: text, outputsize: "30" };
      const body = await ask("/symbol_search", params, asked, spendingOf(1, options));
      return body === NO_DATA ? [] : parseSymbolMatches(asked, body);
    },

    async fetchQuote(symbol, options) {
      const asked = asking(`/quote of ${symbol}`);
      refuseNonSymbols(asked, [symbol]);
      const params = { symbol, timezone: "UTC", ...paramsOfListing(options) };
      const body = await ask("/quote", params, asked, spendingOf(1, options));
      if (body !== NO_DATA) return parseQuote(asked, { symbol, micCode: options?.micCode }, body);
      throw new TerminalError(
        sentence(asked, `${provider} has no price of it`, "Search for the right spelling"),
        { reason: "unknown_symbol" },
      );
    },

    async fetchSplits(symbol, options) {
      const asked = asking(`/splits of ${symbol}`);
      refuseNonSymbols(asked, [symbol]);
      const params = { symbol, range: "full", ...paramsOfListing(options) };
      const body = await ask("/splits", params, asked, spendingOf(SPLITS_COST, options));
      const listing: Listing = { symbol, micCode: options?.micCode };
      return body === NO_DATA ? [] : parseSplits(asked, listing, body);
    },

    async fetchCreditUsage(options) {
      const asked = asking("/api_usage");
      const body = await ask("/api_usage", { timezone: "UTC" }, asked, spendingOf(1, options));
      if (body === NO_DATA) throw wrongShape(asked, "it says that there is no data");
      return parseCreditUsage(asked, body);
    },
  };

  async function fetchTimeSeries(
    symbol: string,
    request: TimeSeriesRequest,
    options?: FetchOptions,
  ): Promise<TimeSeries> {
    const asked = asking(`/time_series of ${symbol} at ${request.interval}`);
    refuseNonSymbols(asked, [symbol]);
    const params = { ...paramsOfTimeSeries(symbol, request), ...paramsOfListing(options) };
    const body = await ask("/time_series", params, asked, spendingOf(1, options));
    const listing: Listing = { symbol, micCode: options?.micCode };
    return body === NO_DATA
      ? emptySeries()
      : parseTimeSeries(asked, listing, request.interval, body);
  }
}

/** The query of a window. Raw prices, UTC, oldest first; `outputsize` always, or it is cut to 30. */
function paramsOfTimeSeries(symbol: string, request: TimeSeriesRequest): Record<string, string> {
  const { interval, start, end } = request;
  const byDate = isDateInterval(interval);
  const time = (instant: Date) => instant.toISOString().slice(0, byDate ? 10 : 19);
  // A daily window ends before its end date: ask for a day more, and for the candle that it may add,
  // as the newest win and the oldest would fall out.
  const lastInstant = end && new Date(end.getTime() + (byDate ? DAY_MS : 0));
  const outputSize = Math.min(request.outputSize + (end && byDate ? 1 : 0), MAX_OUTPUT_SIZE);
  return {
    symbol,
    interval,
    outputsize: String(outputSize),
    timezone: "UTC",
    order: "asc",
    adjust: "none",
    ...(start && { start_date: time(start) }),
    ...(lastInstant && { end_date: time(lastInstant) }),
  };
}

/** The query of a pinned listing. */
function paramsOfListing({ micCode }: FetchOptions = {}): Record<string, string> {
  return micCode === undefined ? {} : { mic_code: micCode };
}

function spendingOf(cost: number, options: FetchOptions = {}): Spending {
  const { signal, priority, ownRunId } = options;
  return { cost, signal, priority, ownRunId };
}

/** The failure of one symbol, which is its result and not the request's; throws any other. */
function ofSymbol(error: unknown): TerminalError {
  const reasons = ["unknown_symbol", "symbol_plan", "malformed"];
  if (error instanceof TerminalError && reasons.includes(error.reason)) return error;
  throw error;
}

/** A comma in a symbol would ask for two, and change the shape of the answer. */
function refuseNonSymbols(asked: Asked, symbols: string[]): void {
  const wrong = symbols.find((symbol) => !Symbol.safeParse(symbol).success);
  if (wrong !== undefined) {
    const why = `"${wrong}" must be a symbol such as AAPL, EUR/USD or RY:TSX`;
    throw new TerminalError(sentence(asked, why, "Correct it"), { reason: "unknown_symbol" });
  }
  if (symbols.length > MAX_SYMBOLS) {
    const why = `a request takes at most ${MAX_SYMBOLS} symbols: ${symbols.length} are asked for`;
    throw new TerminalError(sentence(asked, why, "Ask for fewer at a time"), {
      reason: "bad_request",
    });
  }
}

function emptySeries(): TimeSeries {
  return { meta: null, rows: [], rejects: [] };
}
