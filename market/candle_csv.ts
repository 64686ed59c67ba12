/** What our own CSV of candles looks like, whoever writes it; `etl/files/columns.ts` reads it. */

/** The columns in order: where the value is, and what the header calls it. */
export const CANDLE_CSV_COLUMNS = [
  { key: "source", header: "source" },
  { key: "symbol", header: "symbol" },
  { key: "interval", header: "interval" },
  { key: "openedAt", header: "opened_at" },
  { key: "open", header: "open" },
  { key: "high", header: "high" },
  { key: "low", header: "low" },
  { key: "close", header: "close" },
  { key: "volume", header: "volume" },
  { key: "isFinal", header: "is_final" },
  // What the instrument is, so that an import makes it again where it is not stored.
  { key: "kind", header: "kind" },
  { key: "name", header: "name" },
  { key: "exchange", header: "exchange" },
  { key: "micCode", header: "mic_code" },
  { key: "currency", header: "currency" },
  { key: "currencyBase", header: "currency_base" },
  { key: "currencyQuote", header: "currency_quote" },
  { key: "exchangeTimezone", header: "exchange_timezone" },
] as const;

/** ISO 8601 in UTC, whole seconds: candles open at no other time. */
export function candleTimeText(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}
