/** Rejects for tests. */
import type { Sql } from "../../db/connect.ts";
import type { Interval } from "../../market/interval.ts";

/** A row that only looks wrong: it can be accepted by hand. */
export const ROW = {
  datetime: "2026-11-20 15:00:00",
  open: "98000.10",
  high: "98500",
  low: "97900.25",
  close: "98400",
};

/** Stores a reject of an hourly series as a load does, and answers its number. */
export async function storeReject(sql: Sql, values: {
  instrumentId: number;
  payload?: unknown;
  /** ISO; null when the row's time cannot be read. */
  openedAt?: string | null;
  reason?: string;
  candleInterval?: Interval;
  runId?: number;
  rejectedAt?: Date;
}): Promise<number> {
  const {
    instrumentId,
    payload = ROW,
    openedAt = "2026-11-20T15:00:00Z",
    reason = "the price jumps",
    candleInterval = "1h",
    runId = 7,
    rejectedAt = new Date("2026-11-20T16:02:00Z"),
  } = values;
  const [row] = await sql<[{ id: number }]>`
    insert into market.rejects (
      run_id, instrument_id, candle_interval, reason, payload, rejected_at, opened_at
    ) values (
      ${runId}, ${instrumentId}, ${candleInterval}, ${reason},
      ${JSON.stringify(payload)}::text::jsonb, ${rejectedAt}, ${openedAt}
    ) returning id`;
  return row.id;
}
