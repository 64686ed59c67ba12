/** Candles in the database: loaded in one transaction with their watermark, and read back exactly. */
import type { StoredCandle } from "../market/candle.ts";
import { type Interval, INTERVALS } from "../market/interval.ts";
import {
  type CandleCounts,
  type CandlePage,
  type ChangedRange,
  upsertCandles,
} from "./candle_rows.ts";
import type { Database, Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/** One page of one series, ready to be stored. */
export interface CandleLoad extends CandlePage {
  /** Rows that did not pass; `openedAt` is the open time that they claim, null when it cannot be read. */
  rejects: { reason: string; payload: unknown; openedAt: Date | null }[];
  /**
   * The oldest open time that the page answered, rejected rows included: so far back the series is known.
   * @default that of the oldest candle
   */
  coveredFrom?: Date | null;
  /** The provider has nothing older than this page. */
  isHistoryExhausted?: true;
  /** What must commit with the page: runs last in its transaction. */
  alongside?: (tx: Sql) => Promise<void>;
}

/** What a load changed, in candles and rows. */
export interface LoadCounts extends CandleCounts {
  /** Rejected rows that had not been seen before. */
  rejected: number;
}

/** Ends the transaction of a dry run, which must not be committed. */
class DryRun extends Error {
  constructor(readonly counts: LoadCounts) {
    super("nothing is stored");
  }
}

/**
 * Stores candles, revisions, rollups, rejects and the watermark, all or nothing. Rows that do not change
 * are not written, and a final candle never becomes forming again.
 *
 * @param options.dryRun does all of it and takes it back: only the counts are left
 */
export async function loadCandles(
  { sql, kind }: Pick<Database, "sql" | "kind">,
  load: CandleLoad,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<LoadCounts> {
  try {
    return await inTransaction(sql, async (tx) => {
      // Loads of one instrument wait for each other, whatever process they run in.
      await tx`select market.lock_candles(${load.instrumentId})`;
      const { counts, changed } = await upsertCandles(tx, kind, load);
      if (changed) await rollUp(tx, load, changed);
      const rejected = await insertRejects(tx, load);
      await advanceWatermark(tx, load);
      await load.alongside?.(tx);
      if (dryRun) throw new DryRun({ ...counts, rejected });
      return { ...counts, rejected };
    });
  } catch (error) {
    if (error instanceof DryRun) return error.counts;
    throw error;
  }
}

/** Brings the candles of longer intervals up to date with those that were written. */
async function rollUp(
  tx: Sql,
  { instrumentId, interval }: CandleLoad,
  { from, to }: ChangedRange,
): Promise<void> {
  await tx`select market.roll_up(${instrumentId}, ${[interval]}::text[], ${from}, ${to})`;
}

async function insertRejects(tx: Sql, load: CandleLoad): Promise<number> {
  const { rejects, runId, instrumentId, interval, loadedAt } = load;
  if (rejects.length === 0) return 0;
  const rows = await tx`
    insert into market.rejects (
      run_id, instrument_id, candle_interval, opened_at, reason, payload, rejected_at
    )
    select ${runId}, ${instrumentId}, ${interval}, opened_at, reason, payload::jsonb, ${loadedAt}
    from unnest(
      ${rejects.map(({ openedAt }) => openedAt?.toISOString() ?? null)}::timestamptz[],
      ${rejects.map(({ reason }) => storableText(reason))}::text[],
      ${rejects.map(({ payload }) => storableJson(payload))}::text[]
    ) as row (opened_at, reason, payload)
    on conflict do nothing
    returning id`;
  return rows.length;
}

/** A page without a candle moves it too: rows that were all rejected are not asked for again. */
async function advanceWatermark(tx: Sql, load: CandleLoad): Promise<void> {
  const { instrumentId, interval, candles, coveredFrom, isHistoryExhausted = false } = load;
  let oldestMs = coveredFrom?.getTime() ?? Infinity;
  let newestFinalMs = -Infinity;
  for (const { openedAt, isFinal } of candles) {
    const ms = openedAt.getTime();
    if (ms < oldestMs) oldestMs = ms;
    if (isFinal && ms > newestFinalMs) newestFinalMs = ms;
  }
  if (oldestMs === Infinity) {
    if (isHistoryExhausted) await endHistory(tx, load);
    return;
  }
  const newestFinalAt = newestFinalMs === -Infinity ? null : new Date(newestFinalMs);
  await tx`
    insert into market.watermarks as w (
      instrument_id, candle_interval, newest_final_at, oldest_at, is_history_exhausted
    ) values (
      ${instrumentId}, ${interval}, ${newestFinalAt}, ${new Date(oldestMs)}, ${isHistoryExhausted}
    )
    on conflict (instrument_id, candle_interval) do update set
      newest_final_at = greatest(w.newest_final_at, excluded.newest_final_at),
      oldest_at = least(w.oldest_at, excluded.oldest_at),
      is_history_exhausted = w.is_history_exhausted or excluded.is_history_exhausted
    where (w.newest_final_at, w.oldest_at, w.is_history_exhausted) is distinct from (
      greatest(w.newest_final_at, excluded.newest_final_at),
      least(w.oldest_at, excluded.oldest_at),
      w.is_history_exhausted or excluded.is_history_exhausted
    )`;
}

/** An empty page says no time: it can only end a series that has begun. */
async function endHistory(tx: Sql, { instrumentId, interval }: CandleLoad): Promise<void> {
  await tx`
    update market.watermarks set is_history_exhausted = true
    where instrument_id = ${instrumentId} and candle_interval = ${interval}
      and not is_history_exhausted`;
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

/**
 * Candles that opened in `[from, to)`, ascending: the newest `limit` of them. Where the provider's own are
 * not stored, they are rolled up from shorter ones.
 */
export async function listCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
  window: { from?: Date; to?: Date; limit: number },
): Promise<StoredCandle[]> {
  return await sql<StoredCandle[]>`
    select * from (
      select opened_at, open, high, low, close, volume, is_final, rolled_up_from
      from market.all_candles
      where instrument_id = ${instrumentId} and candle_interval = ${interval}
        ${window.from ? sql`and opened_at >= ${window.from}` : sql``}
        ${window.to ? sql`and opened_at < ${window.to}` : sql``}
      order by opened_at desc
      limit ${window.limit}
    ) newest
    order by opened_at`;
}

/** The intervals of which an instrument has candles, fetched or rolled up, shortest first. */
export async function listStoredIntervals(sql: Sql, instrumentId: number): Promise<Interval[]> {
  const rows = await sql<{ name: Interval }[]>`
    select i.name
    from unnest(${[...INTERVALS]}::text[]) with ordinality i (name, position)
    where exists (
      select from market.all_candles c
      where c.instrument_id = ${instrumentId} and c.candle_interval = i.name
    )
    order by i.position`;
  return rows.map(({ name }) => name);
}
