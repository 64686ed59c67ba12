/** How each series stands: `market.series_health()`, as rows. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";
import type { Freshness } from "./freshness.ts";

/** How new and how whole one stored series is. Times UTC. */
export interface SeriesHealth {
  symbol: string;
  slug: string;
  candleInterval: Interval;
  freshness: Freshness;
  /** Open time of the newest final candle. */
  newestFinalAt: Date | null;
  /** Since that candle ended, in milliseconds. */
  ageMs: number | null;
  /** When the next candle has ended and had time to be loaded; null where no calendar is known. */
  dueAt: Date | null;
  /** The trading hours that say what is expected; null where none is known. */
  calendar: "us_stocks" | "round_the_clock" | "forex" | null;
  /** Candles that the calendar promises in the window; null where none is known. */
  expectedCandles: number | null;
  /** Candles that are stored of them, or of all where none is known; null without a candle in the window. */
  haveCandles: number | null;
  missingCandles: number | null;
  /** Of the expected candles that are stored, 0 to 100; null where that cannot be told. */
  percent: number | null;
}

/** The worst first. */
const ORDER: readonly Freshness[] = ["stale", "empty", "unknown", "fresh", "market_closed"];

/**
 * The loaded series of the active instruments, what is overdue first. Costs what the window holds.
 *
 * Calendars come from `market.trading_days`: `syncTradingDays` must have run.
 *
 * @param from begin of the window of completeness, which ends at `now`; null reads every candle
 */
export async function listSeriesHealth(
  sql: Sql,
  source: Source,
  now: Date,
  from: Date | null,
): Promise<SeriesHealth[]> {
  return await sql<SeriesHealth[]>`
    select
      h.symbol, i.slug, h.candle_interval, h.state as freshness, h.newest_final_at,
      round(1000 * h.age_seconds) as age_ms, h.due_at, h.calendar, h.expected_candles,
      h.have_candles, h.missing_candles, h.percent
    from market.series_health(${source}, ${now}, ${from}) h
    join market.instruments i on i.id = h.instrument_id
    order by
      array_position(${[...ORDER]}::text[], h.state), h.percent nulls last, h.symbol,
      market.interval_duration(h.candle_interval)`;
}
