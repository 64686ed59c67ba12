/** What an export of ours says of an instrument: read back, so that the instrument can be made again. Pure. */
import { z } from "zod";
import type { Listing } from "../../db/candle_export.ts";
import { InstrumentKind } from "../../market/instrument.ts";
import type { Field } from "./columns.ts";

/** The columns as they are written; an empty one was not reported. */
export interface WrittenListing extends Record<keyof Listing, string | undefined> {
  kind: string;
}

const Text = z.string().optional().transform((text) => text || null);

const ListingColumns = z.object({
  kind: InstrumentKind,
  name: Text,
  exchange: Text,
  micCode: Text,
  currency: Text,
  currencyBase: Text,
  currencyQuote: Text,
  exchangeTimezone: Text.refine(
    (zone) => zone === null || isTimezone(zone),
    "must be an IANA name such as America/New_York",
  ),
});

/** The columns of a record; null when it does not say what the instrument is. */
export function writtenListing(
  value: (field: Field) => string | undefined,
): WrittenListing | null {
  const kind = value("kind");
  if (!kind) return null;
  return {
    kind,
    name: value("name"),
    exchange: value("exchange"),
    micCode: value("mic_code"),
    currency: value("currency"),
    currencyBase: value("currency_base"),
    currencyQuote: value("currency_quote"),
    exchangeTimezone: value("exchange_timezone"),
  };
}

/** The listing, or why the columns do not make one. */
export function parseListing(written: WrittenListing): Listing | string {
  const parsed = ListingColumns.safeParse(written);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path[0] as keyof Listing;
  return `${field} ${message}: current value is ${JSON.stringify(written[field]?.slice(0, 100))}`;
}

function isTimezone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
