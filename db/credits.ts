/** Credits of the provider's plan in the database: what is reserved, and what each day has used. */
import type { Source } from "../market/instrument.ts";
import type { Sql } from "./connect.ts";

/** Credits taken for one request, or counted by the provider for someone else's. */
export interface MinuteWindow {
  credits: number;
  /** When they were reserved. */
  startedAt: Date;
  /** When the answer or the failure was there; null while it is not. */
  answeredAt: Date | null;
}

/** What a day has used. */
export interface DayWindow {
  /** 00:00 UTC. */
  startedAt: Date;
  credits: number;
  /** Credits a minute that the plan grants, as the provider told that day; null when it did not. */
  toldPerMinute: number | null;
}

/** Everyone who decides about a source's credits waits here, until the transaction ends. */
export async function lockCredits(tx: Sql, source: Source): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('chandlery credits'), hashtext(${source}))`;
}

/** The minute windows that are kept, and the days that began at `since` or later, oldest first. */
export async function listCreditWindows(
  sql: Sql,
  source: Source,
  since: Date,
): Promise<{ minutes: MinuteWindow[]; days: DayWindow[] }> {
  const rows = await sql<(MinuteWindow & DayWindow & { kind: "minute" | "day" })[]>`
    select kind, started_at, answered_at, credits, told_per_minute from market.credit_windows
    where source = ${source} and (kind = 'minute' or started_at >= ${since})
    order by started_at, id`;
  return {
    minutes: rows.filter(({ kind }) => kind === "minute"),
    days: rows.filter(({ kind }) => kind === "day"),
  };
}

/** Opens a minute window; answers its number. */
export async function insertMinuteWindow(
  sql: Sql,
  source: Source,
  { credits, startedAt, answeredAt }: MinuteWindow,
): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    insert into market.credit_windows (source, kind, started_at, answered_at, credits)
    values (${source}, 'minute', ${startedAt}, ${answeredAt}, ${credits})
    returning id`;
  return row.id;
}

/** Says when the answer to a request was there. */
export async function answerMinuteWindow(sql: Sql, id: number, answeredAt: Date): Promise<void> {
  await sql`update market.credit_windows set answered_at = ${answeredAt} where id = ${id}`;
}

/** Removes the window of a request that was never sent. */
export async function deleteMinuteWindow(sql: Sql, id: number): Promise<void> {
  await sql`delete from market.credit_windows where id = ${id}`;
}

/**
 * Removes the minute windows that were answered before `answeredBefore`, or started before
 * `startedBefore` without an answer; and what a clock that was wrong put after `startedAfter`.
 */
export async function pruneMinuteWindows(
  sql: Sql,
  source: Source,
  limits: { answeredBefore: Date; startedBefore: Date; startedAfter: Date },
): Promise<void> {
  await sql`
    delete from market.credit_windows
    where source = ${source} and kind = 'minute' and (
      answered_at < ${limits.answeredBefore}
      or (answered_at is null and started_at < ${limits.startedBefore})
      or started_at > ${limits.startedAfter}
    )`;
}

/** Adds credits, negative ones as well, to the days that begin at these instants. */
export async function addToDays(
  sql: Sql,
  source: Source,
  days: Date[],
  credits: number,
): Promise<void> {
  for (const day of days) {
    await sql`
      insert into market.credit_windows as w (source, kind, started_at, credits)
      values (${source}, 'day', ${day}, ${Math.max(0, credits)})
      on conflict (source, started_at) where kind = 'day'
      do update set credits = greatest(0, w.credits + ${credits}::integer)`;
  }
}

/** Marks a day as having used at least that many credits. */
export async function raiseDay(
  sql: Sql,
  source: Source,
  day: Date,
  credits: number,
): Promise<void> {
  await sql`
    insert into market.credit_windows as w (source, kind, started_at, credits)
    values (${source}, 'day', ${day}, ${credits})
    on conflict (source, started_at) where kind = 'day'
    do update set credits = greatest(w.credits, excluded.credits)`;
}

/** Remembers what the provider says that the plan grants a minute. */
export async function storeToldPerMinute(
  sql: Sql,
  source: Source,
  day: Date,
  perMinute: number,
): Promise<void> {
  await sql`
    insert into market.credit_windows (source, kind, started_at, credits, told_per_minute)
    values (${source}, 'day', ${day}, 0, ${perMinute})
    on conflict (source, started_at) where kind = 'day'
    do update set told_per_minute = excluded.told_per_minute`;
}

/** Whether a run for what is new, other than `ownRunId`, began at `since` or later and is under way. */
export async function isFreshRunUnderWay(
  sql: Sql,
  { source, since, ownRunId }: { source: Source; since: Date; ownRunId: number | null },
): Promise<boolean> {
  const [row] = await sql<[{ isUnderWay: boolean }]>`
    select exists (
      select from market.runs
      where source = ${source} and status = 'running' and trigger in ('start', 'cron', 'manual')
        and started_at >= ${since} and id is distinct from ${ownRunId}
    ) as is_under_way`;
  return row.isUnderWay;
}
