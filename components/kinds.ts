/** The kinds of instrument as headings, in the order in which pages show them. */
import type { InstrumentKind } from "../market/instrument.ts";

/** Plural heading of each kind. */
export const KIND_HEADINGS: Record<InstrumentKind, string> = {
  stock: "Stocks",
  etf: "Funds",
  index: "Indices",
  crypto: "Crypto",
  forex: "Forex",
  commodity: "Commodities",
};

/** One instrument's kind in words. */
export const KIND_NAMES: Record<InstrumentKind, string> = {
  stock: "Stock",
  etf: "Fund",
  index: "Index",
  crypto: "Crypto",
  forex: "Forex",
  commodity: "Commodity",
};

/** Every kind in display order. */
export const KINDS = Object.keys(KIND_HEADINGS) as InstrumentKind[];
