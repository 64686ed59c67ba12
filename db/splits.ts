/** The ledger of splits, and where the stored prices do not fit it. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/** One split that has taken place: `toFactor` old shares became `fromFactor` new ones (4-for-1: 4 and 1). */
export interface StoredSplit {
  instrumentId: number;
  /** The first date, at the exchange, that trades at the new price: `YYYY-MM-DD`. */
  splitOn: string;
  /** Positive decimal strings. */
  fromFactor: string;
  toFactor: string;
  description: string | null;
}

/** What storing splits changed, or in a dry run would change, in splits. */
export interface SplitCounts {
  inserted: number;
  /** Splits that were there with other factors or another description. */
  changed: number;
  unchanged: number;
}

/** Splits of one instrument and date must be named once; a description that is null keeps the stored one. */
export interface SplitLoad {
  splits: StoredSplit[];
  /** Who says so: the provider, or a file of the operator. */
  origin: "provider" | "import";
  recordedAt: Date;
}

/** Stores splits, all or none; one that is there already is overwritten, or left alone when it says the same. */
export async function upsertSplits(
  sql: Sql,
  load: SplitLoad,
  { dryRun = false } = {},
): Promise<SplitCounts> {
  return await inTransaction(sql, async (tx) => {
    const incoming = tx`
      unnest(
        ${load.splits.map((split) => split.instrumentId)}::integer[],
        ${load.splits.map((split) => split.splitOn)}::text[]::date[],
        ${load.splits.map((split) => split.fromFactor)}::numeric[],
        ${load.splits.map((split) => split.toFactor)}::numeric[],
        ${load.splits.map((split) => split.description ?? "")}::text[]
      ) as row (instrument_id, split_on, from_factor, to_factor, description)`;
    const [counts] = await tx<[{ inserted: number; changed: number }]>`
      select
        count(*) filter (where s.instrument_id is null) as inserted,
        count(*) filter (
          where s.instrument_id is not null
            and (s.from_factor, s.to_factor, s.description) is distinct from
              (row.from_factor, row.to_factor, coalesce(nullif(row.description, ''), s.description))
        ) as changed
      from ${incoming} left join market.splits s using (instrument_id, split_on)`;
    const written = counts.inserted + counts.changed;
    if (!dryRun && written > 0) {
      await tx`
        insert into market.splits as s (
          instrument_id, split_on, from_factor, to_factor, description, origin, recorded_at
        )
        select instrument_id, split_on, from_factor, to_factor, nullif(description, ''),
          ${load.origin}, ${load.recordedAt}
        from ${incoming}
        on conflict (instrument_id, split_on) do update set
          from_factor = excluded.from_factor, to_factor = excluded.to_factor,
          description = coalesce(excluded.description, s.description),
          origin = excluded.origin, recorded_at = excluded.recorded_at
        where (s.from_factor, s.to_factor, s.description) is distinct from (
          excluded.from_factor, excluded.to_factor, coalesce(excluded.description, s.description)
        )`;
    }
    return { ...counts, unchanged: load.splits.length - written };
  });
}

/** The splits of an instrument, oldest first. */
export async function listSplits(sql: Sql, instrumentId: number): Promise<StoredSplit[]> {
  return await sql<StoredSplit[]>`
    select instrument_id, split_on::text, from_factor, to_factor, description
    from market.splits where instrument_id = ${instrumentId} order by split_on`;
}

/** Where prices and ledger do not fit together; see `market.suspected_splits`. */
export interface SuspectedSplit {
  instrumentId: number;
  symbol: string;
  candleInterval: Interval;
  /** First date at the new price; of a restatement, the UTC date on which it was met: `YYYY-MM-DD`. */
  noticedOn: string;
  kind: "unrecorded_split" | "readjusted_history";
  /** What prices before are to be multiplied by to reach the level after: a decimal string. */
  priceFactor: string;
  /** The split that fits, or that is recorded; null for a restatement. */
  fromFactor: string | null;
  toFactor: string | null;
  /** One sentence: what was seen, and what to do. */
  detail: string;
}

/**
 * What was noticed on candles that opened and restatements that were met since then; from the begin
 * when there is no such instant, which reads every daily candle.
 */
export async function listSuspectedSplits(
  sql: Sql,
  source: Source,
  { since }: { since?: Date } = {},
): Promise<SuspectedSplit[]> {
  return await sql<SuspectedSplit[]>`
    select instrument_id, symbol, candle_interval, noticed_on::text, kind, price_factor,
      from_factor, to_factor, detail
    from market.suspected_splits_since(${since?.toISOString() ?? "-infinity"}::text::timestamptz)
    where source = ${source}
    order by noticed_on, symbol, candle_interval, kind`;
}
