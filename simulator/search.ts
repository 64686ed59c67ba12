/** `GET /symbol_search`: the listings whose symbol or name begins with, or holds, the text. */
import type { Listing } from "./market.ts";
import { TYPE_NAMES } from "./time_series.ts";

/** The country of the exchanges that trade in a currency. */
const COUNTRIES: Record<string, string> = { USD: "United States", CAD: "Canada" };

/** @param text what the user typed; nothing is found for nothing. */
export function answerSymbolSearch(
  listings: Listing[],
  text: string,
  count: number,
): Record<string, unknown> {
  const wanted = text.trim().toLowerCase();
  const rank = ({ symbol, name }: Listing) => {
    if (symbol.toLowerCase() === wanted) return 0;
    if (symbol.toLowerCase().startsWith(wanted)) return 1;
    return name.toLowerCase().startsWith(wanted) ? 2 : 3;
  };
  const found = wanted === ""
    ? []
    : listings.filter(({ symbol, name }) =>
      symbol.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)
    );
  return {
    data: found.sort((a, b) => rank(a) - rank(b)).slice(0, count).map((listing) => ({
      symbol: listing.symbol,
      instrument_name: listing.name,
      exchange: listing.exchange ?? "Forex",
      mic_code: listing.micCode ?? "",
      exchange_timezone: listing.exchangeTimezone ?? "",
      instrument_type: TYPE_NAMES[listing.kind],
      country: COUNTRIES[listing.currency ?? ""] ?? "",
      currency: listing.currency ?? "",
    })),
    status: "ok",
  };
}
