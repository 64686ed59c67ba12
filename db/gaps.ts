/** Gaps: candles that are expected and not stored, and what the provider said when it was asked for them. */
import { DAY_MS } from "../market/holidays.ts";
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";
import { askUncompiled } from "./uncompiled.ts";

/** How far back a run looks for gaps by itself: the longest weekend and a process that was down for days. */
export const REPAIRED_DAYS = 8;

/** An unbroken run of missing candles of one series. */
export interface Gap {
  instrumentId: number;
  symbol: string;
  candleInterval: Interval;
  /** Open time of the first missing candle. */
  openedFrom: Date;
  /** Open time of the last missing candle. */
  openedTo: Date;
  /** How many candles are missing. */
  missing: number;
  /** When the provider answered last that it has no data; null when it was not asked. */
  lastEmptyAt: Date | null;
  /** Before this the provider is not asked again; null when it has not answered yet. */
  askAgainAt: Date | null;
}

export interface GapFilter {
  source: Source;
  /** Candles that opened from here on, inclusive. @default all */
  from?: Date;
  /** Candles that opened before this. @default all */
  to?: Date;
  symbols?: string[];
  intervals?: Interval[];
  /** Leaves out what is not to be asked again yet. */
  isDue?: true;
  now: Date;
}

/**
 * The gaps of a source, newest first; one that a bound cuts is told as far as it lies inside. With
 * `from` and `to` it costs what the window holds, however much is stored.
 *
 * Calendars come from `market.trading_days`: `syncTradingDays` must have run.
 */
export async function listGaps(sql: Sql, filter: GapFilter): Promise<Gap[]> {
  const { source, from, to, symbols, intervals, isDue, now } = filter;
  return await askUncompiled(sql, (tx) =>
    tx<Gap[]>`
      select
        instrument_id, symbol, candle_interval, opened_from, opened_to, missing_candles as missing,
        last_empty_at, ask_again_at
      from market.find_gaps(
        ${source}, ${from ?? null}, ${to ?? null}, ${symbols ?? null}, ${intervals ?? null}
      )
      ${isDue ? tx`where ask_again_at is null or ask_again_at <= ${now}` : tx``}
      order by opened_to desc, opened_from desc, symbol,
        market.interval_duration(candle_interval)`);
}

/**
 * Remembers that the provider has no data for the gap: it is not asked again for a day, after that for
 * a week each time. What remains of a gap that was partly filled keeps the memory of the whole.
 */
export async function recordEmptyGap(
  sql: Sql,
  gap: Pick<Gap, "instrumentId" | "candleInterval" | "openedFrom" | "openedTo">,
  now: Date,
): Promise<void> {
  const { instrumentId, candleInterval, openedFrom, openedTo } = gap;
  await inTransaction(sql, async (tx) => {
    const [known] = await tx<[{ count: number }]>`
      select coalesce(max(empty_count), 0) as count from market.gap_answers
      where instrument_id = ${instrumentId} and candle_interval = ${candleInterval}
        and opened_from <= ${openedFrom} and opened_to >= ${openedTo}`;
    const patienceMs = known.count === 0 ? DAY_MS : 7 * DAY_MS;
    await tx`
      delete from market.gap_answers
      where instrument_id = ${instrumentId} and candle_interval = ${candleInterval}
        and opened_from >= ${openedFrom} and opened_to <= ${openedTo}`;
    await tx`
      insert into market.gap_answers (
        instrument_id, candle_interval, opened_from, opened_to, empty_count, last_asked_at,
        ask_again_at
      ) values (
        ${instrumentId}, ${candleInterval}, ${openedFrom}, ${openedTo}, ${known.count + 1}, ${now},
        ${new Date(now.getTime() + patienceMs)}
      )
      -- Somebody else was told the same at the same time.
      on conflict do nothing`;
  });
}
