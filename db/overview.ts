/** The market at a glance: `market.overview()` and what is summed up of it, as rows for the site. */
import type { InstrumentKind, Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Span } from "../market/span.ts";
import type { Sql } from "./connect.ts";

/** One line of the market overview. Changes are over real time before `pricedAt`, in per cent. */
export interface OverviewRow {
  instrumentId: number;
  symbol: string;
  slug: string;
  name: string | null;
  kind: InstrumentKind;
  /** Code of the currency of the price. */
  currency: string | null;
  price: string | null;
  /** Since when the price is known. */
  pricedAt: Date | null;
  isForming: boolean;
  change1hPercent: number | null;
  change24hPercent: number | null;
  change7dPercent: number | null;
  change30dPercent: number | null;
  changeYtdPercent: number | null;
  change1yPercent: number | null;
  /** Units traded in the 24 hours before the price; null when one of its candles reports none. */
  volume24h: string | null;
  /** Money traded in them, in the currency of the price. */
  turnover24h: string | null;
  /** At most 60 closes of the last 7 days, oldest first. */
  sparkline: number[];
}

/** What rows can be ordered by; each is a column of `market.overview()`, per cents without `_percent`. */
export const OVERVIEW_ORDERS = [
  "symbol",
  "price",
  "change_1h",
  "change_24h",
  "change_7d",
  "change_30d",
  "change_ytd",
  "change_1y",
  "volume_24h",
] as const;

export interface OverviewOrder {
  by: typeof OVERVIEW_ORDERS[number];
  direction: "asc" | "desc";
}

/**
 * Every active instrument of a source as of an instant: in the order that is asked for, what is not known
 * last and equal ones by symbol; else by kind and symbol.
 */
export async function listOverview(
  sql: Sql,
  source: Source,
  asOf: Date,
  order?: OverviewOrder,
): Promise<OverviewRow[]> {
  const column = order && sql(order.by.replace(/^change_.*/, "$&_percent"));
  return await sql<OverviewRow[]>`
    select
      instrument_id, symbol, slug, name, kind, currency, price, priced_at,
      coalesce(is_forming, false) as is_forming,
      change_1h_percent as "change1hPercent",
      change_24h_percent as "change24hPercent",
      change_7d_percent as "change7dPercent",
      change_30d_percent as "change30dPercent",
      change_ytd_percent as "changeYtdPercent",
      change_1y_percent as "change1yPercent",
      volume_24h as "volume24h",
      turnover_24h as "turnover24h",
      sparkline
    from market.overview(${source}, ${asOf})
    order by ${
    column
      ? sql`${column} ${order.direction === "asc" ? sql`asc` : sql`desc`} nulls last`
      : sql`kind <> 'stock', kind`
  }, symbol`;
}

/** A price that is older than its market lets it be. */
export interface StalePrice {
  instrumentId: number;
  /** Of the candle that the price is from. */
  candleInterval: Interval;
  /** When a newer candle should have been there. */
  dueAt: Date;
}

/** The instruments of a source, or one of them, whose latest price is stale. `syncTradingDays` must have run. */
export async function listStalePrices(
  sql: Sql,
  source: Source,
  asOf: Date,
  instrumentId: number | null = null,
): Promise<StalePrice[]> {
  return await sql<StalePrice[]>`
    select instrument_id, candle_interval, due_at from market.stale_prices(${source}, ${asOf})
    where ${instrumentId}::integer is null or instrument_id = ${instrumentId}`;
}

/** Whether the price of the row is among the stale ones. */
export function isStale({ instrumentId }: OverviewRow, stale: readonly StalePrice[]): boolean {
  return stale.some((each) => each.instrumentId === instrumentId);
}

/** Breadth and performance of one kind, or of all (`kind` null), over a span; no stale price counts. */
export interface SpanSummary {
  kind: InstrumentKind | null;
  instruments: number;
  /** Left out in all that follows. */
  stale: number;
  /** Whose change over the span is known. */
  known: number;
  rising: number;
  falling: number;
  unchanged: number;
  /** Each instrument counts the same, in per cent; null when none is known, as what follows. */
  averageChangePercent: number | null;
  medianChangePercent: number | null;
  bestSymbol: string | null;
  bestChangePercent: number | null;
  worstSymbol: string | null;
  worstChangePercent: number | null;
}

/** The summary of each kind of which an instrument is active, and of all, in no order. */
export async function listSpanSummaries(
  sql: Sql,
  source: Source,
  asOf: Date,
  span: Span,
): Promise<SpanSummary[]> {
  return await sql<SpanSummary[]>`
    select
      kind, instruments, stale, known, rising, falling, unchanged, average_change_percent,
      median_change_percent, best_symbol, best_change_percent, worst_symbol, worst_change_percent
    from market.span_summary(${source}, ${asOf}, ${span})`;
}

/** Money traded in the 24 hours before each price that is not stale, by kind and currency: others cannot be added. */
export interface Turnover {
  kind: InstrumentKind;
  currency: string;
  /** How many instruments report it. */
  instruments: number;
  turnover24h: string;
  /** Of one of them, rounded to units of money. */
  averageTurnover24h: string;
}

/** The money traded, largest sums first within a kind. */
export async function listTurnover(sql: Sql, source: Source, asOf: Date): Promise<Turnover[]> {
  return await sql<Turnover[]>`
    select kind, currency, instruments, turnover_24h as "turnover24h",
      round(turnover_24h / instruments) as "averageTurnover24h"
    from market.current_turnover(${source}, ${asOf})
    order by kind, turnover_24h desc`;
}
