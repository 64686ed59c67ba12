/** Windows of history that were asked for, and how far each is loaded. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

export interface Backfill {
  id: number;
  instrumentId: number;
  symbol: string;
  candleInterval: Interval;
  /** Inclusive. */
  wantedFrom: Date;
  /** Exclusive. */
  wantedTo: Date;
  /** All of `[reachedAt, wantedTo)` is loaded. */
  reachedAt: Date;
  finishedAt: Date | null;
  /** When the provider first answered that it has nothing older; null when its last answer had candles. */
  emptySince: Date | null;
}

const columns = (sql: Sql) =>
  sql`b.id, b.instrument_id, i.symbol, b.candle_interval, b.wanted_from, b.wanted_to, b.reached_at,
    b.finished_at, b.empty_since`;

/** A window of one series to load backwards. */
export interface BackfillWindow {
  instrumentId: number;
  candleInterval: Interval;
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
  /**
   * Whether `to` is only where the stored series begins now: an unfinished backfill from the same
   * instant, and a finished one that holds the window, are then the same.
   */
  isOpenEnded: boolean;
}

/** Asks for the window, or gives the backfill that was asked for before, which goes on where it was. */
export async function requestBackfill(
  sql: Sql,
  window: BackfillWindow,
  now: Date,
): Promise<Backfill> {
  const { instrumentId, candleInterval, from, to, isOpenEnded } = window;
  const find = () =>
    sql<Backfill[]>`
      select ${columns(sql)}
      from market.backfills b join market.instruments i on i.id = b.instrument_id
      where b.instrument_id = ${instrumentId} and b.candle_interval = ${candleInterval}
        and (
          (b.wanted_from = ${from} and b.wanted_to = ${to})
          or (${isOpenEnded} and b.wanted_from = ${from} and b.finished_at is null)
          or (${isOpenEnded} and b.wanted_from <= ${from} and b.wanted_to >= ${to}
            and b.finished_at is not null)
        )
      order by b.finished_at nulls first
      limit 1`;
  const [known] = await find();
  if (known) return known;
  await sql`
    insert into market.backfills (
      instrument_id, candle_interval, wanted_from, wanted_to, reached_at, requested_at
    ) values (${instrumentId}, ${candleInterval}, ${from}, ${to}, ${to}, ${now})
    on conflict do nothing`;
  const [made] = await find();
  if (!made) throw new Error(`The backfill of instrument ${instrumentId} vanished`);
  return made;
}

/** Begins a backfill anew, so that all of its window is read again. */
export async function restartBackfill(sql: Sql, backfill: Backfill): Promise<Backfill> {
  await sql`
    update market.backfills set reached_at = wanted_to, finished_at = null, empty_since = null
    where id = ${backfill.id}`;
  return { ...backfill, reachedAt: backfill.wantedTo, finishedAt: null, emptySince: null };
}

/**
 * The unfinished backfills of a source's active instruments, the longest waiting first.
 * @param dueAt leaves out those that the provider refused and that are not to be asked for again by then
 */
export async function listUnfinishedBackfills(
  sql: Sql,
  source: Source,
  dueAt?: Date,
): Promise<Backfill[]> {
  return await sql<Backfill[]>`
    select ${columns(sql)}
    from market.backfills b join market.instruments i on i.id = b.instrument_id
    where i.source = ${source} and i.is_active and b.finished_at is null
      ${dueAt ? sql`and (b.ask_again_at is null or b.ask_again_at <= ${dueAt})` : sql``}
    order by b.requested_at, b.id`;
}

/** Moves a backfill on, in the transaction of the page that it has loaded. */
export async function advanceBackfill(
  tx: Sql,
  id: number,
  reached: { reachedAt: Date; finishedAt: Date | null; emptySince: Date | null },
): Promise<void> {
  await tx`
    update market.backfills
    set reached_at = ${reached.reachedAt}, finished_at = ${reached.finishedAt},
      empty_since = ${reached.emptySince}, ask_again_at = null
    where id = ${id}`;
}

/** Leaves a backfill that the provider refused to a later time. */
export async function parkBackfill(sql: Sql, id: number, askAgainAt: Date): Promise<void> {
  await sql`update market.backfills set ask_again_at = ${askAgainAt} where id = ${id}`;
}
