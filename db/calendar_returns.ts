/** Returns of an instrument by the calendar: months, years, weekdays and hours. In per cent. */
import type { DateWindow } from "../market/stats_window.ts";
import type { Sql } from "./connect.ts";

/** A year and its months; null where it has but one close. */
export interface YearOfReturns {
  year: number;
  /** What its months compound to. */
  returnPercent: number | null;
  /** By the number of the month, 1 to 12; a month without a close is not there. */
  months: Record<number, number | null>;
}

/** Returns that share a weekday or an hour of the day. */
export interface Season {
  /** 1 (Monday) to 7, or 0 to 23. */
  number: number;
  count: number;
  averageReturnPercent: number | null;
  /** How many of them are above 0. */
  risingPercent: number | null;
}

/** The hours of the day as `timeZone` (IANA) counts them. */
export interface HourSeason extends Season {
  timeZone: string;
  /** Units traded in the hour; null when none is reported. */
  averageVolume: string | null;
}

/** Every year that is stored, the newest first. */
export async function listYearsOfReturns(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<YearOfReturns[]> {
  return await sql<YearOfReturns[]>`
    select y.year, y.return_percent, m.months
    from market.yearly_returns(${instrumentId}, ${from}, ${to}) y
    join (
      select extract(year from m.month)::integer as year,
        jsonb_object_agg(extract(month from m.month), m.return_percent) as months
      from market.monthly_returns(${instrumentId}, ${from}, ${to}) m
      group by 1
    ) m on m.year = y.year
    order by y.year desc`;
}

/** The weekdays that have returns, Monday first. */
export async function listWeekdays(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<Season[]> {
  return await sql<Season[]>`
    select weekday as number, return_count as count, average_return_percent, rising_percent
    from market.seasonality_by_weekday(${instrumentId}, ${from}, ${to})
    where return_count > 0
    order by weekday`;
}

/** The hours of the day in which hourly candles open. */
export async function listHours(
  sql: Sql,
  instrumentId: number,
  { from, to }: DateWindow,
): Promise<HourSeason[]> {
  return await sql<HourSeason[]>`
    select hour as number, time_zone, candle_count as count, average_return_percent,
      rising_percent, average_volume
    from market.seasonality_by_hour(${instrumentId}, ${from}, ${to})
    order by hour`;
}
