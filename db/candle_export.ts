/** Stored candles of any number, read a page at a time. */
import type postgres from "postgres";
import type { StoredCandle } from "../market/candle.ts";
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

type StoredValues = Omit<ExportedCandle, "source" | keyof StoredSeries>;
type Fragment = postgres.PendingQuery<postgres.Row[]>;

interface StoredSeries extends Listing {
  instrumentId: number;
  symbol: string;
  interval: Interval;
}

/**
 * Every fetched candle that the filter names, by symbol, interval and open time, in pages. A page is read
 * when the one before is done with: what stands between them in memory is one page.
 */
export async function* pageCandles(
  sql: Sql,
  filter: ExportFilter,
  pageSize: number,
): AsyncGenerator<ExportedCandle[]> {
  for (const { instrumentId, ...named } of await listSeries(sql, filter)) {
    const { interval } = named;
    const table = sql`market.candles`;
    for await (
      const page of readPages<StoredValues>(
        (after) =>
          sql`
            select opened_at, open, high, low, close, volume, is_final
            ${rowsAfter(sql, { table, instrumentId, interval, ...filter, after, pageSize })}`,
        pageSize,
      )
    ) {
      yield page.map((candle) => ({ source: filter.source, ...named, ...candle }));
    }
  }
}

/**
 * Every candle of one series that opened in `[from, to)`, ascending, fetched or rolled up, in pages as
 * those of {@linkcode pageCandles}.
 */
export async function* pageSeries(
  sql: Sql,
  { instrumentId, interval, from, to }: SeriesWindow,
  pageSize: number,
): AsyncGenerator<StoredCandle[]> {
  const table = sql`market.all_candles`;
  yield* readPages<StoredCandle>(
    (after) =>
      sql`
        select opened_at, open, high, low, close, volume, is_final, rolled_up_from
        ${rowsAfter(sql, { table, instrumentId, interval, from, to, after, pageSize })}`,
    pageSize,
  );
}

/** One series, and between which open times. */
export interface SeriesWindow extends Pick<ExportFilter, "from" | "to"> {
  instrumentId: number;
  interval: Interval;
}

interface PageOfSeries extends SeriesWindow {
  table: Fragment;
  /** Open time of the last candle that was read; null for the first page. */
  after: Date | null;
  pageSize: number;
}

/** The next page of a series by its key: no page costs more than the first. */
function rowsAfter(sql: Sql, page: PageOfSeries): Fragment {
  const { table, instrumentId, interval, from, to, after, pageSize } = page;
  return sql`
    from ${table}
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
      ${after ? sql`and opened_at > ${after}` : sql``}
      ${from ? sql`and opened_at >= ${from}` : sql``}
      ${to ? sql`and opened_at < ${to}` : sql``}
    order by opened_at
    limit ${pageSize}`;
}

async function* readPages<Row extends { openedAt: Date }>(
  read: (after: Date | null) => PromiseLike<unknown>,
  pageSize: number,
): AsyncGenerator<Row[]> {
  let page: Row[];
  let after: Date | null = null;
  do {
    page = await read(after) as Row[];
    after = page.at(-1)?.openedAt ?? null;
    if (page.length > 0) yield page;
  } while (page.length === pageSize);
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
