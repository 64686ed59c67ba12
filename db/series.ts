/** Where series stand: what a run reads before it plans. */
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

/** The ends of one stored series. Times UTC. */
export interface SeriesState {
  instrumentId: number;
  candleInterval: Interval;
  newestFinalAt: Date | null;
  oldestAt: Date;
  isHistoryExhausted: boolean;
  /** Open time of the second-newest final candle, or of the newest when it is the only one. */
  rereadFrom: Date | null;
  /** The newest candle, final or forming; null while every row of the series was rejected. */
  newestAt: Date | null;
  newestIsFinal: boolean | null;
  newestLoadedAt: Date | null;
}

/** The state of every series of a source that was ever loaded. Costs the same however much is stored. */
export async function listSeriesStates(sql: Sql, source: string): Promise<SeriesState[]> {
  return await sql<SeriesState[]>`
    select
      w.instrument_id, w.candle_interval, w.newest_final_at, w.oldest_at, w.is_history_exhausted,
      reread.opened_at as reread_from,
      newest.opened_at as newest_at, newest.is_final as newest_is_final,
      newest.loaded_at as newest_loaded_at
    from market.instruments i
    join market.watermarks w on w.instrument_id = i.id
    left join lateral (
      select c.opened_at, c.is_final, c.loaded_at
      from market.candles c
      where c.instrument_id = w.instrument_id and c.candle_interval = w.candle_interval
      order by c.opened_at desc
      limit 1
    ) newest on true
    left join lateral (
      select min(final.opened_at) as opened_at from (
        select c.opened_at
        from market.candles c
        where c.instrument_id = w.instrument_id and c.candle_interval = w.candle_interval
          and c.is_final and c.opened_at <= w.newest_final_at
        order by c.opened_at desc
        limit 2
      ) final
    ) reread on true
    where i.source = ${source}`;
}

/** A stretch of a series, within one UTC day, in which rows were rejected. Both ends are open times. */
export interface RejectedSpan {
  symbol: string;
  candleInterval: Interval;
  oldestAt: Date;
  newestAt: Date;
}

/**
 * The days of active series of which rows were rejected since an instant, accepted by nobody, and whose
 * candles are still not there: the newest `limit` of them.
 */
export async function listRejectedSpans(
  sql: Sql,
  source: string,
  { since, limit }: { since: Date; limit: number },
): Promise<RejectedSpan[]> {
  return await sql<RejectedSpan[]>`
    select i.symbol, r.candle_interval,
      min(r.opened_at) as oldest_at, max(r.opened_at) as newest_at
    from market.rejects r
    join market.instruments i on i.id = r.instrument_id
    where i.source = ${source} and i.is_active and r.rejected_at >= ${since}
      and r.accepted_at is null and r.opened_at is not null
      and not exists (
        select from market.candles c
        where c.instrument_id = r.instrument_id and c.candle_interval = r.candle_interval
          and c.opened_at = r.opened_at and c.is_final
      )
    group by i.symbol, r.candle_interval, date_trunc('day', r.opened_at at time zone 'UTC')
    order by newest_at desc, i.symbol
    limit ${limit}`;
}
