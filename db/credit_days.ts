/** What each day has cost: `market.credits_by_day()`, as rows. */
import type { Source } from "../market/instrument.ts";
import type { Sql } from "./connect.ts";

/** Credits of one UTC day. */
export interface CreditDay {
  /** `YYYY-MM-DD`. */
  dayOn: string;
  /** As the plan counts; null when nothing was counted. */
  planCredits: number | null;
  /** Of the runs that began that day. */
  runCredits: number;
  runCount: number;
}

/** The days of `[from, to)`, oldest first, those without a run too. */
export async function listCreditDays(
  sql: Sql,
  source: Source,
  from: Date,
  to: Date,
): Promise<CreditDay[]> {
  return await sql<CreditDay[]>`
    select to_char(day_on, 'YYYY-MM-DD') as day_on, plan_credits, run_credits, run_count
    from market.credits_by_day(${source}, ${from}, ${to})
    order by 1`;
}
