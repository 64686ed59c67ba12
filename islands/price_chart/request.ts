/** Pages of candles from our own API. */
import { Page } from "./columns.ts";

/** What is asked for; `before` in UTC seconds, exclusive. */
export interface PageRequest {
  symbol: string;
  interval: string;
  before: number;
  limit: number;
  indicators: readonly string[];
  /** Symbol of the instrument to compare with. */
  compare: string | null;
}

const PATIENCE_MS = 20_000;

/** @throws when the answer does not come, is not a page, or `signal` ends the wait. */
export async function requestPage(request: PageRequest, signal: AbortSignal): Promise<Page> {
  const { symbol, interval, before, limit, indicators, compare } = request;
  const query = new URLSearchParams({
    symbol,
    interval,
    before: new Date(before * 1000).toISOString(),
    limit: String(limit),
    indicators: indicators.join(","),
    ...compare === null ? {} : { compare },
  });
  const response = await fetch(`/api/v1/chart?${query}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  if (!response.ok) throw new Error(`Cannot load candles: the answer is ${response.status}`);
  return Page.parse(await response.json());
}
