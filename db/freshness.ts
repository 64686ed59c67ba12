/** Whether each series is as new as its market lets it be: `market.freshness_at()`, as rows. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

/**
 * `fresh`: nothing is missing and the market trades; `market_closed`: nothing is missing as it does not;
 * `stale`: a candle ended more than 90 minutes ago and is not there; `unknown`: its hours are not known;
 * `empty`: no final candle is stored.
 */
export type Freshness = "fresh" | "market_closed" | "stale" | "unknown" | "empty";

/** How new one stored series is. Times UTC. */
export interface SeriesFreshness {
  symbol: string;
  slug: string;
  candleInterval: Interval;
  /** Open time of the newest final candle. */
  newestFinalAt: Date | null;
  /** Since that candle ended, in milliseconds. */
  ageMs: number | null;
  freshness: Freshness;
  /** Open time of the oldest candle. */
  oldestAt: Date;
  /** Whether the provider has nothing older. */
  isHistoryExhausted: boolean;
}

/**
 * The stored series of the active instruments of a source, in no order. Costs the same however much is
 * stored.
 *
 * Calendars come from `market.trading_days`: `syncTradingDays` must have run.
 */
export async function listFreshness(
  sql: Sql,
  source: Source,
  now: Date,
): Promise<SeriesFreshness[]> {
  return await sql<SeriesFreshness[]>`
    select
      f.symbol, i.slug, f.candle_interval, f.newest_final_at,
      round(1000 * f.age_seconds) as age_ms, f.state as freshness,
      w.oldest_at, w.is_history_exhausted
    from market.freshness_at(${source}, ${now}) f
    join market.instruments i on i.id = f.instrument_id
    join market.watermarks w
      on w.instrument_id = f.instrument_id and w.candle_interval = f.candle_interval`;
}
