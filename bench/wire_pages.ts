/** Pages of the provider as bytes, as large and as varied as real ones. */
import type { Instrument } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";

/** One series, and its answers to the requests of a backfill: newest page first. */
export interface WireSeries {
  kind: Instrument["kind"];
  exchangeTimezone: string | null;
  symbol: string;
  interval: Interval;
  pages: Uint8Array<ArrayBuffer>[];
}

export const PAGE_ROWS = 5000;

/** An hour of a stock with volume, and a minute of a coin without, `count` pages each. */
export function makeWireSeries(count: number): WireSeries[] {
  return [
    makeSeries(count, 60, 230, {
      kind: "stock",
      exchangeTimezone: "America/New_York",
      symbol: "AAPL",
      interval: "1h",
    }),
    makeSeries(count, 1, 61_000, {
      kind: "crypto",
      exchangeTimezone: null,
      symbol: "BTC/USD",
      interval: "1min",
    }),
  ];
}

function makeSeries(
  count: number,
  minutes: number,
  price: number,
  series: Omit<WireSeries, "pages">,
): WireSeries {
  const meta = series.kind === "stock"
    ? { type: "Common Stock", exchange_timezone: series.exchangeTimezone, mic_code: "XNGS" }
    : { type: "Digital Currency", currency_base: "Bitcoin", currency_quote: "US Dollar" };
  let ms = Date.parse("2026-11-20T20:30:00Z");
  let last = price;
  const encoder = new TextEncoder();
  const pages = Array.from({ length: count }, () => {
    const values = Array.from({ length: PAGE_ROWS }, () => {
      const close = last;
      const open = close * (1 + 0.004 * (Math.random() - 0.5));
      const datetime = new Date(ms).toISOString().slice(0, 19).replace("T", " ");
      ms -= minutes * 60_000;
      // Not too far from where it began, however long it goes on.
      last = price + 0.999 * (open - price);
      return {
        datetime,
        open: open.toFixed(5),
        high: (Math.max(open, close) * (1 + 0.001 * Math.random())).toFixed(5),
        low: (Math.min(open, close) * (1 - 0.001 * Math.random())).toFixed(5),
        close: close.toFixed(5),
        ...(series.kind === "stock" && { volume: `${Math.floor(1e7 * Math.random())}` }),
      };
    });
    const { symbol, interval } = series;
    return encoder.encode(
      JSON.stringify({ meta: { symbol, interval, ...meta }, values, status: "ok" }),
    );
  });
  return { ...series, pages };
}
