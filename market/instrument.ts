/** Instruments: the tradable things whose candles are kept. */
import { z } from "zod";
import { SLUG } from "./slug.ts";

/** Where an instrument's candles come from. Sources are never mixed. */
export const Source = z.enum(["twelve_data", "simulator", "import"]);
export type Source = z.infer<typeof Source>;

export const InstrumentKind = z.enum(["stock", "etf", "index", "forex", "crypto", "commodity"]);
export type InstrumentKind = z.infer<typeof InstrumentKind>;

/** What the provider calls a tradable thing: `AAPL`, `EUR/USD`, `RY:TSX`. */
export const Symbol = z.string().trim().regex(
  /^[A-Za-z0-9][A-Za-z0-9./:_&^=-]{0,39}$/,
  "must be a symbol such as AAPL, EUR/USD or RY:TSX",
);

/** One tradable thing as it is stored; a property that the provider did not say is null. */
export interface Instrument {
  id: number;
  source: Source;
  symbol: string;
  slug: string;
  name: string | null;
  kind: InstrumentKind;
  exchange: string | null;
  micCode: string | null;
  currency: string | null;
  currencyBase: string | null;
  currencyQuote: string | null;
  exchangeTimezone: string | null;
  /** The listing that the symbol must mean in every request (ISO 10383); null: the provider chooses. */
  pinnedMicCode: string | null;
  isActive: boolean;
}

const PLAIN = /^[A-Za-z0-9.]$/;

/** A text that may be a slug. */
export const Slug = z.string().regex(SLUG, "must be the slug of an instrument");

/** The symbol as one path segment of a URL: `BTC/USD` → `BTC-USD`. Reversed by {@linkcode symbolOfSlug}. */
export function slugOfSymbol(symbol: string): string {
  // A segment of dots alone means a folder to a browser, which would take it away.
  const isPlain = /^\.+$/.test(symbol) ? /^$/ : PLAIN;
  return Array.from(symbol, (char) => {
    if (isPlain.test(char)) return char;
    if (char === "/") return "-";
    return `_${char.codePointAt(0)!.toString(16)}_`;
  }).join("");
}

/** The symbol that a slug stands for: `BTC-USD` → `BTC/USD`. Any text is answered; an escape of no character stays as it is. */
export function symbolOfSlug(slug: string): string {
  return slug
    .replaceAll("-", "/")
    .replace(/_([0-9a-f]{1,6})_/g, (escape, hex) => {
      const codePoint = Number.parseInt(hex, 16);
      return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : escape;
    });
}
