/** What Twelve Data's `type` of an instrument is in our terms. */
import type { InstrumentKind } from "../../../market/instrument.ts";

/** The types that its documentation and its answers name, in lower case. */
const KINDS = new Map<string, InstrumentKind>(Object.entries({
  "common stock": "stock",
  "common": "stock",
  "equity": "stock",
  "preferred stock": "stock",
  "american depositary receipt": "stock",
  "global depositary receipt": "stock",
  "depositary receipt": "stock",
  "gdr": "stock",
  "real estate investment trust (reit)": "stock",
  "reit": "stock",
  "closed-end fund": "stock",
  "limited partnership": "stock",
  "new york registered shares": "stock",
  "unit of beneficial interest": "stock",
  "unit": "stock",
  "trust": "stock",
  "right": "stock",
  "warrant": "stock",
  "etf": "etf",
  "exchange-traded note": "etf",
  "etn": "etf",
  "mutual fund": "etf",
  "mutualfund": "etf",
  "fund": "etf",
  "index": "index",
  "physical currency": "forex",
  "digital currency": "crypto",
  "precious metal": "commodity",
  "commodity": "commodity",
  "energy": "commodity",
}));

/** ISO 4217 codes of metals: a pair that is quoted in ounces, whatever its type says. */
const METALS = /^(XAU|XAG|XPT|XPD)\//i;

/**
 * The kind of an instrument of this wire `type`. An unknown type that is listed on an exchange (it has
 * a MIC) is a stock, as it keeps that exchange's hours; any other unknown type is null. Which fields
 * an answer lacks, such as the volume, never decides.
 */
export function kindOfType(
  instrument: { type: string; symbol: string; micCode: string | null },
): InstrumentKind | null {
  const known = KINDS.get(instrument.type.trim().toLowerCase());
  if (known === "forex" && METALS.test(instrument.symbol)) return "commodity";
  return known ?? (instrument.micCode === null ? null : "stock");
}
