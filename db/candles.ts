/** Candles in the database: loaded in one transaction with their watermark, and read back exactly. */
import type { Candle } from "../market/candle.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/** One page of one series, ready to be stored. */
export interface CandleLoad {
  instrumentId: number;
  interval: Interval;
  /** No two with the same open time. */
  candles: Candle[];
  rejects: { reason: string; payload: unknown }[];
  runId: number;
  /** When the page was fetched. */
  loadedAt: Date;
}

/** What a load changed, in candles and rows. */
export interface LoadCounts {
  /** Candles that were not there. */
  inserted: number;
  /** Forming candles that were overwritten. */
  updated: number;
  /** Final candles that were restated; what they said before is kept in `candle_revisions`. */
  revised: number;
  /** Rejected rows that had not been seen before. */
  rejected: number;
}

/**
 * Stores candles, revisions, rejects and the watermark, all or nothing. Rows that do not change are
 * not written, and a final candle never becomes forming again.
 */
export async function loadCandles(sql: Sql, load: CandleLoad): Promise<LoadCounts> {
  return await inTransaction(sql, async (tx) => {
    await lockSeries(tx, load);
    const counts = await upsertCandles(tx, load);
    const rejected = await insertRejects(tx, load);
    await advanceWatermark(tx, load);
    return { ...counts, rejected };
  });
}

/** Two loads of the same series wait for each other, whatever process they run in. */
async function lockSeries(tx: Sql, { instrumentId, interval }: CandleLoad): Promise<void> {
  await tx`select pg_advisory_xact_lock(${instrumentId}::integer, hashtext(${interval}))`;
}

async function upsertCandles(tx: Sql, load: CandleLoad): Promise<Omit<LoadCounts, "rejected">> {
  const { candles, instrumentId, interval, runId, loadedAt } = load;
  const [counts] = await tx<[Omit<LoadCounts, "rejected">]>`
    with incoming as (
      select * from unnest(
        ${candles.map((c) => c.openedAt.toISOString())}::timestamptz[],
        ${candles.map((c) => c.open)}::numeric[],
        ${candles.map((c) => c.high)}::numeric[],
        ${candles.map((c) => c.low)}::numeric[],
        ${candles.map((c) => c.close)}::numeric[],
        ${candles.map((c) => c.volume)}::numeric[],
        ${candles.map((c) => String(c.isFinal))}::text[]::boolean[]
      ) as row (opened_at, open, high, low, close, volume, is_final)
    ), changed as (
      select
        i.*,
        c.instrument_id is null as is_new,
        coalesce(c.is_final, false) as was_final,
        c.open as old_open, c.high as old_high, c.low as old_low, c.close as old_close,
        c.volume as old_volume, c.run_id as old_run_id, c.loaded_at as old_loaded_at
      from incoming i
      left join market.candles c
        on c.instrument_id = ${instrumentId}
        and c.candle_interval = ${interval}
        and c.opened_at = i.opened_at
      where c.instrument_id is null or (
        c.is_final <= i.is_final
        and (c.open, c.high, c.low, c.close, c.volume, c.is_final)
          is distinct from (i.open, i.high, i.low, i.close, i.volume, i.is_final)
      )
    ), kept as (
      insert into market.candle_revisions (
        instrument_id, candle_interval, opened_at, valid_until, open, high, low, close, volume,
        run_id, loaded_at, replaced_by_run_id
      )
      select
        ${instrumentId}, ${interval}, opened_at, ${loadedAt}, old_open, old_high, old_low,
        old_close, old_volume, old_run_id, old_loaded_at, ${runId}
      from changed where was_final
      -- Restated twice at one instant: the value between was valid for no time.
      on conflict do nothing
    ), written as (
      insert into market.candles (
        instrument_id, candle_interval, opened_at, open, high, low, close, volume, is_final,
        run_id, loaded_at
      )
      select
        ${instrumentId}, ${interval}, opened_at, open, high, low, close, volume, is_final,
        ${runId}, ${loadedAt}
      from changed
      on conflict (instrument_id, candle_interval, opened_at) do update set
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, is_final = excluded.is_final, run_id = excluded.run_id,
        loaded_at = excluded.loaded_at
    )
    select
      count(*) filter (where is_new) as inserted,
      count(*) filter (where not is_new and not was_final) as updated,
      count(*) filter (where was_final) as revised
    from changed`;
  return counts;
}

async function insertRejects(tx: Sql, load: CandleLoad): Promise<number> {
  if (load.rejects.length === 0) return 0;
  const rows = await tx`
    insert into market.rejects (
      run_id, instrument_id, candle_interval, reason, payload, rejected_at
    )
    select ${load.runId}, ${load.instrumentId}, ${load.interval}, reason, payload::jsonb,
      ${load.loadedAt}
    from unnest(
      ${load.rejects.map(({ reason }) => storableText(reason))}::text[],
      ${load.rejects.map(({ payload }) => storableJson(payload))}::text[]
    ) as row (reason, payload)
    on conflict do nothing
    returning id`;
  return rows.length;
}

async function advanceWatermark(tx: Sql, load: CandleLoad): Promise<void> {
  if (load.candles.length === 0) return;
  const times = load.candles.map((candle) => candle.openedAt.getTime());
  const finalTimes = load.candles.filter((candle) => candle.isFinal)
    .map((candle) => candle.openedAt.getTime());
  const oldestAt = new Date(times.reduce((a, b) => Math.min(a, b)));
  const newestFinalAt = finalTimes.length > 0
    ? new Date(finalTimes.reduce((a, b) => Math.max(a, b)))
    : null;
  await tx`
    insert into market.watermarks as w (
      instrument_id, candle_interval, newest_final_at, oldest_at
    ) values (${load.instrumentId}, ${load.interval}, ${newestFinalAt}, ${oldestAt})
    on conflict (instrument_id, candle_interval) do update set
      newest_final_at = greatest(w.newest_final_at, excluded.newest_final_at),
      oldest_at = least(w.oldest_at, excluded.oldest_at)
    where (w.newest_final_at, w.oldest_at) is distinct from (
      greatest(w.newest_final_at, excluded.newest_final_at),
      least(w.oldest_at, excluded.oldest_at)
    )`;
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair in text. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

function storableJson(value: unknown): string {
  return JSON.stringify(
    value ?? null,
    (_, part) => typeof part === "string" ? storableText(part) : part,
  );
}

/** Where a series stands, and from where the next load reads again. */
export interface SeriesState {
  newestFinalAt: Date | null;
  /** Open time of the second-newest final candle, or of the newest when it is the only one. */
  rereadFrom: Date | null;
}

/** The watermark of a series; null when nothing of it was ever loaded. */
export async function getSeriesState(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
): Promise<SeriesState | null> {
  const [row] = await sql<SeriesState[]>`
    select
      w.newest_final_at,
      (
        select min(newest.opened_at) from (
          select c.opened_at from market.candles c
          where c.instrument_id = w.instrument_id and c.candle_interval = w.candle_interval
            and c.is_final and c.opened_at <= w.newest_final_at
          order by c.opened_at desc limit 2
        ) newest
      ) as reread_from
    from market.watermarks w
    where w.instrument_id = ${instrumentId} and w.candle_interval = ${interval}`;
  return row ?? null;
}

/** Candles that opened in `[from, to)`, ascending: the newest `limit` of them. */
export async function listCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  window: { from?: Date; to?: Date; limit: number },
): Promise<Candle[]> {
  return await sql<Candle[]>`
    select * from (
      select opened_at, open, high, low, close, volume, is_final
      from market.candles
      where instrument_id = ${instrumentId} and candle_interval = ${interval}
        ${window.from ? sql`and opened_at >= ${window.from}` : sql``}
        ${window.to ? sql`and opened_at < ${window.to}` : sql``}
      order by opened_at desc
      limit ${window.limit}
    ) newest
    order by opened_at`;
}

/** The intervals of which an instrument has candles, shortest first. */
export async function listStoredIntervals(sql: Sql, instrumentId: number): Promise<Interval[]> {
  const rows = await sql<{ candleInterval: Interval }[]>`
    select candle_interval from market.watermarks
    where instrument_id = ${instrumentId}
    order by market.interval_duration(candle_interval)`;
  return rows.map((row) => row.candleInterval);
}
