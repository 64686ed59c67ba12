/** Rows of candles on their way into the database: in the query for a small page, by COPY for a large one. */
import type postgres from "postgres";
import type { Candle } from "../market/candle.ts";
import type { Interval } from "../market/interval.ts";
import type { Database, Sql } from "./connect.ts";
import { copyIn } from "./copy.ts";

/** One page of one series, of which no two candles have the same open time. */
export interface CandlePage {
  instrumentId: number;
  interval: Interval;
  candles: Candle[];
  runId: number;
  /** When the page was fetched. */
  loadedAt: Date;
}

/** What became of the candles of a page; those that were there already are not counted. */
export interface CandleCounts {
  /** Candles that were not there. */
  inserted: number;
  /** Forming candles that were overwritten. */
  updated: number;
  /** Final candles that were restated; what they said before is kept in `candle_revisions`. */
  revised: number;
}

/** The open times between which candles were written. */
export interface ChangedRange {
  from: Date;
  to: Date;
}

/** What an upsert did; `changed` is null when it wrote nothing. */
export interface UpsertedPage {
  counts: CandleCounts;
  changed: ChangedRange | null;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** From this many rows on COPY is faster than arrays, which the client writes and the server reads slower. */
const COPY_FROM_ROWS = 300;

/**
 * Upserts the candles. Rows that do not change are not written, and a final candle never becomes
 * forming again. The caller holds the lock of the instrument.
 */
export async function upsertCandles(
  tx: Sql,
  kind: Database["kind"],
  page: CandlePage,
): Promise<UpsertedPage> {
  const { candles } = page;
  if (candles.length === 0) {
    return { counts: { inserted: 0, updated: 0, revised: 0 }, changed: null };
  }
  // The embedded database has no COPY over its connection.
  if (kind === "embedded" || candles.length < COPY_FROM_ROWS) {
    return await upsertRows(tx, page, rowsOf(tx, candles));
  }
  if (!await hasCandles(tx, page)) {
    await copyNewRows(tx, page);
    return {
      counts: { inserted: candles.length, updated: 0, revised: 0 },
      changed: rangeOf(candles),
    };
  }
  await copyRows(tx, candles);
  return await upsertRows(tx, page, tx`select * from pg_temp.incoming_candles`);
}

/** Whether any candle is stored in the range of the page. */
async function hasCandles(tx: Sql, { instrumentId, interval, candles }: CandlePage) {
  const { from, to } = rangeOf(candles);
  const found = await tx`
    select from market.candles
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
      and opened_at between ${from} and ${to}
    limit 1`;
  return found.length > 0;
}

/** History has nothing to compare with, and straight into the table is twice as fast as by way of another. */
async function copyNewRows(tx: Sql, page: CandlePage): Promise<void> {
  const series = [String(page.instrumentId), page.interval];
  const origin = [String(page.runId), page.loadedAt.toISOString()];
  const copy = tx`
    copy market.candles (
      instrument_id, candle_interval, run_id, loaded_at, opened_at, open, high, low, close, volume,
      is_final
    ) from stdin`;
  await copyIn(copy, page.candles, (candle) => [...series, ...origin, ...valuesOf(candle)]);
}

function rowsOf(tx: Sql, candles: Candle[]): Fragment {
  return tx`
    select * from unnest(
      ${candles.map((c) => c.openedAt.toISOString())}::timestamptz[],
      ${candles.map((c) => c.open)}::numeric[],
      ${candles.map((c) => c.high)}::numeric[],
      ${candles.map((c) => c.low)}::numeric[],
      ${candles.map((c) => c.close)}::numeric[],
      ${candles.map((c) => c.volume)}::numeric[],
      ${candles.map((c) => String(c.isFinal))}::text[]::boolean[]
    ) as row (opened_at, open, high, low, close, volume, is_final)`;
}

/** Into a table of the session's own, which each transaction leaves empty. */
async function copyRows(tx: Sql, candles: Candle[]): Promise<void> {
  await tx`
    create temporary table if not exists incoming_candles (
      opened_at timestamptz, open numeric, high numeric, low numeric, close numeric,
      volume numeric, is_final boolean
    ) on commit delete rows`;
  const copy = tx`
    copy pg_temp.incoming_candles (opened_at, open, high, low, close, volume, is_final) from stdin`;
  await copyIn(copy, candles, valuesOf);
}

function valuesOf({ openedAt, open, high, low, close, volume, isFinal }: Candle) {
  return [openedAt.toISOString(), open, high, low, close, volume, isFinal ? "t" : "f"];
}

async function upsertRows(tx: Sql, page: CandlePage, incoming: Fragment): Promise<UpsertedPage> {
  const { instrumentId, interval, runId, loadedAt, candles } = page;
  const { from, to } = rangeOf(candles);
  const [row] = await tx<[CandleCounts & { first: Date | null; last: Date | null }]>`
    with incoming as (${incoming}), changed as (
      select
        i.*,
        c.opened_at is null as is_new,
        coalesce(c.is_final, false) as was_final,
        c.open as old_open, c.high as old_high, c.low as old_low, c.close as old_close,
        c.volume as old_volume, c.run_id as old_run_id, c.loaded_at as old_loaded_at
      from incoming i
      left join (
        select * from market.candles
        where instrument_id = ${instrumentId} and candle_interval = ${interval}
          -- Else the whole series would be read to join a page of it.
          and opened_at between ${from} and ${to}
      ) c on c.opened_at = i.opened_at
      where c.opened_at is null or (
        (c.is_final < i.is_final or (c.is_final = i.is_final and c.loaded_at <= ${loadedAt}))
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
      count(*) filter (where was_final) as revised,
      min(opened_at) as first,
      max(opened_at) as last
    from changed`;
  const { first, last, ...counts } = row;
  return { counts, changed: first && last && { from: first, to: last } };
}

function rangeOf(candles: Candle[]): ChangedRange {
  const times = candles.map(({ openedAt }) => openedAt.getTime());
  const from = times.reduce((a, b) => Math.min(a, b));
  const to = times.reduce((a, b) => Math.max(a, b));
  return { from: new Date(from), to: new Date(to) };
}
