/** The simulator's own input: query strings, parsed as the provider reads them. */
import { z } from "zod";
import { Interval, INTERVALS, isDateInterval } from "../market/interval.ts";
import { invalidParameter, WireError } from "./errors.ts";
import { isZoneName, parseWallTime } from "./wall_clock.ts";

/** Most symbols of one request, and most candles of one answer. */
const MOST_SYMBOLS = 120;
const MOST_CANDLES = 5000;

const Whole = z.string().regex(/^-?\d{1,9}$/, "It must be a whole number").transform(Number);

/** The parameters of a request. Names are case-insensitive; those that we do not use are let through. */
const Parameters = z.object({
  symbol: z.string().default(""),
  interval: z.string().default(""),
  outputsize: Whole.pipe(z.number().min(1).max(MOST_CANDLES)).default(30),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  timezone: z.string().default("Exchange").refine(
    (zone) => /^exchange$/i.test(zone) || isZoneName(zone),
    "It must be Exchange, UTC or a time zone's name, as America/New_York",
  ),
  order: z.string().toLowerCase().pipe(z.enum(["asc", "desc"])).default("desc"),
  format: z.string().toUpperCase().pipe(z.enum(["JSON", "CSV"])).default("JSON"),
  dp: Whole.pipe(z.number().min(-1).max(11)).default(-1),
  exchange: z.string().default(""),
  mic_code: z.string().default(""),
});
export type Parameters = z.infer<typeof Parameters>;

/** The query of a URL, its names in lower case. */
export function rawParameters(url: URL): Record<string, string> {
  return Object.fromEntries(
    Array.from(url.searchParams, ([name, value]) => [name.toLowerCase(), value]),
  );
}

/** @throws WireError 400 that names the parameter, the value and the rule. */
export function parseParameters(raw: Record<string, string>): Parameters {
  const parsed = Parameters.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0]);
  throw invalidParameter(name, raw[name] ?? "", issue?.message ?? "");
}

/** The symbols asked for, each once, in the order and spelling of the request. */
export function symbolsOf(raw: Record<string, string>): string[] {
  const symbols = (raw.symbol ?? "").split(",").map((text) => text.trim()).filter(Boolean);
  return [...new Set(symbols)];
}

/** @throws WireError 414 when there are too many symbols. */
export function checkSymbolCount(symbols: string[]): void {
  if (symbols.length <= MOST_SYMBOLS) return;
  const rule = `At most ${MOST_SYMBOLS} symbols are answered at once`;
  throw new WireError(414, `Too many **symbol** values provided: ${symbols.length}. ${rule}`);
}

/** @throws WireError 400 in the provider's words. */
export function parseInterval(text: string): Interval {
  const parsed = Interval.safeParse(text);
  if (parsed.success) return parsed.data;
  throw invalidParameter("interval", text, `Supported intervals: ${INTERVALS.join(", ")}`);
}

/** The instant of a window's bound; candles that carry a date compare dates in UTC. @throws WireError 400. */
export function parseBound(
  name: "start_date" | "end_date",
  text: string | undefined,
  interval: Interval,
  timezone: string,
): number | null {
  if (text === undefined || text === "") return null;
  const ms = parseWallTime(text, isDateInterval(interval) ? "UTC" : timezone);
  if (ms !== null) return ms;
  throw invalidParameter(name, text, "It must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS");
}
