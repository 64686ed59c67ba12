/** The wire format: strict about what is stored, tolerant of what is not. Pure. */
import { z } from "zod";
import { compareDecimals, Decimal } from "../../../market/candle.ts";
import type { Interval } from "../../../market/interval.ts";
import type { CreditUsage, Quote, Split, SymbolMatch, TimeSeries } from "../../provider.ts";
import { type Asked, wrongShape } from "./errors.ts";
import { kindOfType } from "./kinds.ts";
import { parseRows } from "./rows.ts";

const Text = z.string().trim();
/** Absent, null and empty all say nothing: `currency` is recorded as an empty string. */
const OptionalText = Text.nullish().transform((text) => text || null);
const UnixSeconds = z.int().positive();
const Count = z.int().nonnegative();

const Meta = z.object({
  symbol: Text.min(1),
  interval: Text,
  type: Text.min(1),
  exchange: OptionalText,
  mic_code: OptionalText,
  currency: OptionalText,
  currency_base: OptionalText,
  currency_quote: OptionalText,
  exchange_timezone: OptionalText,
});

const SeriesEnvelope = z.object({ meta: Meta, values: z.array(z.unknown()) });

const Match = z.object({
  symbol: Text.min(1),
  instrument_name: OptionalText,
  exchange: OptionalText,
  mic_code: OptionalText,
  exchange_timezone: OptionalText,
  instrument_type: OptionalText,
  country: OptionalText,
  currency: OptionalText,
});

const Matches = z.object({ data: z.array(Match) });

const WireQuote = z.object({
  symbol: Text.min(1),
  mic_code: OptionalText,
  name: OptionalText,
  close: Decimal,
  previous_close: z.literal("").transform(() => null).or(Decimal).nullish(),
  is_market_open: z.boolean(),
  timestamp: UnixSeconds,
  last_quote_at: UnixSeconds.nullish(),
});

/** Recorded as numbers; a text is exact as well. */
const Factor = z.number().transform(String).or(z.string()).pipe(
  Decimal.refine((factor) => compareDecimals(factor, "0") > 0, "must be positive"),
);

const Splits = z.object({
  meta: z.object({ symbol: Text.min(1), mic_code: OptionalText }),
  splits: z.array(z.object({
    date: z.iso.date(),
    from_factor: Factor,
    to_factor: Factor,
    description: OptionalText,
  })),
});

const Usage = z.object({
  current_usage: Count,
  plan_limit: Count,
  daily_usage: Count.nullish(),
  plan_daily_limit: Count.nullish(),
});

/** A refusal, whatever the HTTP status says. */
export const ErrorBody = z.object({
  status: z.literal("error"),
  code: z.coerce.number().optional().catch(undefined),
  message: z.string().catch(""),
});

/** What was asked for. */
export interface Listing {
  symbol: string;
  /** The exchange that it must be of (ISO 10383); any when undefined. */
  micCode: string | undefined;
}

/**
 * The candles of a listing out of the single shape `{meta, values}`. A malformed row becomes a reject.
 * @throws {TerminalError} when the envelope is malformed or of another symbol, exchange or interval.
 */
export function parseTimeSeries(
  asked: Asked,
  listing: Listing,
  interval: Interval,
  body: unknown,
): TimeSeries {
  const { meta, values } = parse(asked, SeriesEnvelope, body);
  checkListing(asked, listing, meta);
  if (meta.interval !== interval) {
    throw wrongShape(asked, `it is of the interval "${meta.interval}"`);
  }
  const kind = kindOfType({ type: meta.type, symbol: meta.symbol, micCode: meta.mic_code });
  if (kind === null) throw wrongShape(asked, `meta.type "${meta.type}" is unknown`);
  return {
    meta: {
      kind,
      exchange: meta.exchange,
      micCode: meta.mic_code,
      currency: meta.currency,
      currencyBase: meta.currency_base,
      currencyQuote: meta.currency_quote,
      exchangeTimezone: meta.exchange_timezone,
    },
    ...parseRows(values, interval),
  };
}

/**
 * The matches of `/symbol_search`, in the provider's order.
 * @throws {TerminalError} when the answer is malformed.
 */
export function parseSymbolMatches(asked: Asked, body: unknown): SymbolMatch[] {
  return parse(asked, Matches, body).data.map((match) => ({
    symbol: match.symbol,
    name: match.instrument_name ?? match.symbol,
    exchange: match.exchange ?? "",
    micCode: match.mic_code ?? "",
    exchangeTimezone: match.exchange_timezone ?? "",
    kind: match.instrument_type === null
      ? null
      : kindOfType({ type: match.instrument_type, symbol: match.symbol, micCode: match.mic_code }),
    country: match.country ?? "",
    currency: match.currency ?? "",
  }));
}

/**
 * The newest price out of `/quote`; `timestamp` is the open of its candle, so the last minute counts.
 * @throws {TerminalError} when the answer is malformed or of another symbol or exchange.
 */
export function parseQuote(asked: Asked, listing: Listing, body: unknown): Quote {
  const quote = parse(asked, WireQuote, body);
  checkListing(asked, listing, quote);
  return {
    symbol: listing.symbol,
    name: quote.name ?? listing.symbol,
    close: quote.close,
    previousClose: quote.previous_close ?? null,
    isMarketOpen: quote.is_market_open,
    quotedAt: new Date((quote.last_quote_at ?? quote.timestamp) * 1000),
  };
}

/**
 * The splits out of `/splits`, oldest first.
 * @throws {TerminalError} when the answer is malformed or of another symbol or exchange.
 */
export function parseSplits(asked: Asked, listing: Listing, body: unknown): Split[] {
  const { meta, splits } = parse(asked, Splits, body);
  checkListing(asked, listing, meta);
  return splits.map((split) => ({
    date: split.date,
    fromFactor: split.from_factor,
    toFactor: split.to_factor,
    description: split.description,
  })).sort((a, b) => a.date < b.date ? -1 : a.date > b.date ? 1 : 0);
}

/**
 * The credits out of `/api_usage`.
 * @throws {TerminalError} when the answer is malformed.
 */
export function parseCreditUsage(asked: Asked, body: unknown): CreditUsage {
  const usage = parse(asked, Usage, body);
  return {
    usedThisMinute: usage.current_usage,
    perMinute: usage.plan_limit,
    usedToday: usage.daily_usage ?? null,
    perDay: usage.plan_daily_limit ?? null,
  };
}

function parse<T>(asked: Asked, schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw wrongShape(asked, `${issue?.path.join(".") || "body"}: ${issue?.message}`);
}

/** Another listing's data must never be stored; an answer that names no exchange is taken. */
function checkListing(
  asked: Asked,
  { symbol, micCode }: Listing,
  answered: { symbol: string; mic_code: string | null },
): void {
  if (!isSameSymbol(answered.symbol, symbol)) {
    throw wrongShape(asked, `it is of the symbol "${answered.symbol}"`);
  }
  if (micCode === undefined || answered.mic_code === null) return;
  if (operatingMic(answered.mic_code) !== operatingMic(micCode)) {
    throw wrongShape(asked, `it is of the exchange "${answered.mic_code}", not "${micCode}"`);
  }
}

/** Some pages of the provider's documentation name NASDAQ itself, its answers one of its three markets. */
function operatingMic(micCode: string): string {
  const mic = micCode.toUpperCase();
  return ["XNGS", "XNMS", "XNCM"].includes(mic) ? "XNAS" : mic;
}

/** Asked for `RY:TSX`, the provider answers `RY`; its spelling of case is its own. */
function isSameSymbol(answered: string, asked: string): boolean {
  const plain = (symbol: string) => symbol.split(":")[0]!.toUpperCase();
  return plain(answered) === plain(asked);
}
