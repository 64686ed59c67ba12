/** Stored candles of any number, read a page at a time. */
import type { Instrument, Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

/** What makes the instrument again in a database that does not have it. */
export type Listing = Pick<
  Instrument,
  | "kind"
  | "name"
  | "exchange"
  | "micCode"
  | "currency"
  | "currencyBase"
  | "currencyQuote"
  | "exchangeTimezone"
>;

/** A candle with the series that it is of. Prices are exact decimal strings. */
export interface ExportedCandle extends Listing {
  source: Source;
  symbol: string;
  interval: Interval;
  openedAt: Date;
  open: string;
  high: string;
  low: string;
  close: string;
  /** Null when it was not reported, which is not zero. */
  volume: string | null;
  isFinal: boolean;
}

export interface ExportFilter {
  source: Source;
  /** Undefined for every one that is stored. */
  symbols?: string[];
  intervals?: Interval[];
  /** Candles that opened in `[from, to)`. */
  from?: Date;
  to?: Date;
}

interface StoredSeries extends Listing {
  instrumentId: number;
  symbol: string;
  interval: Interval;
}

/**
 * Every candle that the filter names, by symbol, interval and open time, in pages. A page is read by its
 * key when the one before is done with: what stands between them in memory is one page.
 */
export async function* pageCandles(
  sql: Sql,
  filter: ExportFilter,
  pageSize: number,
): AsyncGenerator<ExportedCandle[]> {
  for (const series of await listSeries(sql, filter)) {
    let after: Date | null = null;
    let page: Omit<ExportedCandle, "source" | keyof StoredSeries>[];
    do {
      page = await sql<typeof page>`
        select opened_at, open, high, low, close, volume, is_final
        from market.candles
        where instrument_id = ${series.instrumentId} and candle_interval = ${series.interval}
          ${after ? sql`and opened_at > ${after}` : sql``}
          ${filter.from ? sql`and opened_at >= ${filter.from}` : sql``}
          ${filter.to ? sql`and opened_at < ${filter.to}` : sql``}
        order by opened_at
        limit ${pageSize}`;
      after = page.at(-1)?.openedAt ?? null;
      const { instrumentId: _, ...named } = series;
      if (page.length > 0) {
        yield page.map((candle) => ({ source: filter.source, ...named, ...candle }));
      }
    } while (page.length === pageSize);
  }
}

/** The series that the filter names, deactivated instruments included. */
async function listSeries(sql: Sql, filter: ExportFilter): Promise<StoredSeries[]> {
  const { source, symbols, intervals } = filter;
  return await sql<StoredSeries[]>`
    select i.id as instrument_id, i.symbol, w.candle_interval as interval, i.kind, i.name, i.exchange,
      i.mic_code, i.currency, i.currency_base, i.currency_quote, i.exchange_timezone
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    where i.source = ${source}
      ${symbols ? sql`and i.symbol = any(${symbols})` : sql``}
      ${intervals ? sql`and w.candle_interval = any(${intervals})` : sql``}
    order by i.symbol collate "C", market.interval_duration(w.candle_interval)`;
}
