/** The calendar in the database: the trading days that market/session.ts knows by rule. */
import { createHash } from "node:crypto";
import { DAY_MS, dayNumberOf } from "../market/holidays.ts";
import { type Session, sessionOf, type TradingDay, tradingDay } from "../market/session.ts";
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/** The rules hold from here. */
const FIRST_DAY = dayNumberOf(Date.parse("2001-01-01"));
const DAYS_AHEAD = 400;

const SESSIONS: Session[] = [sessionOf("stock", "America/New_York"), sessionOf("forex", null)];

/**
 * Makes `market.trading_days` what the rules say, from 2001 to the end of the year that is 400 days
 * ahead of `now`; later days stay as they are. One query when they already agree.
 */
export async function syncTradingDays(sql: Sql, now: Date): Promise<void> {
  const year = new Date(now.getTime() + DAYS_AHEAD * DAY_MS).getUTCFullYear();
  const lastDay = dayNumberOf(Date.UTC(year, 11, 31));
  const calendars = SESSIONS.map((session) => ({ session, days: listDays(session, lastDay) }));
  const stored = await sql<{ sessionName: string; digest: string }[]>`
    select session_name, md5(string_agg(
      concat_ws(' ', traded_on - date '1970-01-01', extract(epoch from opens_at)::bigint,
        extract(epoch from closes_at)::bigint),
      ',' order by traded_on
    )) as digest
    from market.trading_days where traded_on <= ${dateOf(lastDay)}
    group by session_name`;
  const digests = new Map(stored.map(({ sessionName, digest }) => [sessionName, digest]));
  const stale = calendars.filter(({ session, days }) => {
    return digests.get(session.name) !== digestOf(days);
  });
  if (stale.length === 0) return;
  await inTransaction(sql, async (tx) => {
    // Two processes that start together would insert the same days.
    await tx`select pg_advisory_xact_lock(hashtext('chandlery'), hashtext('trading_days'))`;
    for (const { session, days } of stale) await replaceDays(tx, session.name, days, lastDay);
  }, "isolation level read committed");
}

function listDays(session: Session, lastDay: number): TradingDay[] {
  const days: TradingDay[] = [];
  for (let day = FIRST_DAY; day <= lastDay; day++) {
    const hours = tradingDay(day, session);
    if (hours) days.push(hours);
  }
  return days;
}

function digestOf(days: TradingDay[]): string {
  const text = days.map(({ day, opensMs, closesMs }) => {
    return `${day} ${opensMs / 1000} ${closesMs / 1000}`;
  });
  return createHash("md5").update(text.join(",")).digest("hex");
}

async function replaceDays(
  tx: Sql,
  sessionName: string,
  days: TradingDay[],
  lastDay: number,
): Promise<void> {
  const dates = days.map(({ day }) => dateOf(day));
  await tx`
    delete from market.trading_days
    where session_name = ${sessionName} and traded_on <= ${dateOf(lastDay)}
      and not traded_on = any(${dates}::date[])`;
  await tx`
    insert into market.trading_days as d (session_name, traded_on, opens_at, closes_at)
    select ${sessionName}, row.*
    from unnest(
      ${dates}::date[],
      ${days.map(({ opensMs }) => new Date(opensMs).toISOString())}::timestamptz[],
      ${days.map(({ closesMs }) => new Date(closesMs).toISOString())}::timestamptz[]
    ) as row (traded_on, opens_at, closes_at)
    on conflict (session_name, traded_on) do update
      set opens_at = excluded.opens_at, closes_at = excluded.closes_at
      where (d.opens_at, d.closes_at) is distinct from (excluded.opens_at, excluded.closes_at)`;
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
