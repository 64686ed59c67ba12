/** Series that the provider refuses for good, so that no credit is spent on asking blindly again. */
import type { Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import type { Sql } from "./connect.ts";

export interface Refusal {
  symbol: string;
  candleInterval: Interval;
  reason: "symbol_plan" | "endpoint_plan" | "unknown_symbol" | "bad_request";
  /** What the provider said, and what to do. */
  message: string;
  /** The plan that it needs, as far as the provider says. */
  plan: string | null;
  refusedAt: Date;
  /** When it may be asked again; null: not until someone asks for it. */
  askAgainAt: Date | null;
}

/** Every refusal of a source, by symbol. */
export async function listRefusals(sql: Sql, source: Source): Promise<Refusal[]> {
  return await sql<Refusal[]>`
    select symbol, candle_interval, reason, message, plan, refused_at, ask_again_at
    from market.refusals where source = ${source}
    order by symbol, market.interval_duration(candle_interval)`;
}

/** Notes a refusal; an older one of the same series is replaced. */
export async function recordRefusal(sql: Sql, source: Source, refusal: Refusal): Promise<void> {
  await sql`
    insert into market.refusals ${sql({ source, ...refusal })}
    on conflict (source, symbol, candle_interval) do update set
      reason = excluded.reason, message = excluded.message, plan = excluded.plan,
      refused_at = excluded.refused_at, ask_again_at = excluded.ask_again_at`;
}

/** Forgets the refusals of these symbols, or all of a source; answers how many there were. */
export async function clearRefusals(
  sql: Sql,
  source: Source,
  symbols?: readonly string[],
): Promise<number> {
  const rows = await sql`
    delete from market.refusals
    where source = ${source} ${symbols ? sql`and symbol = any(${[...symbols]})` : sql``}
    returning symbol`;
  return rows.length;
}

/** Forgets the refusal of one series, as it was answered after all. */
export async function clearRefusal(
  sql: Sql,
  source: Source,
  symbol: string,
  candleInterval: Interval,
): Promise<void> {
  await sql`
    delete from market.refusals
    where source = ${source} and symbol = ${symbol} and candle_interval = ${candleInterval}`;
}
