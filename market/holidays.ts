/**
 * The days on which markets rest, by rule and not by table, so that no year runs out.
 *
 * Sources for US stocks: NYSE Rule 7.2 (a holiday on a Saturday is kept on the Friday before, unless that Friday
 * ends a month or a year: New Year's Day on a Saturday is not kept; a holiday on a Sunday is kept on
 * the Monday after) and the holiday and early-closing calendars that NYSE Group publishes each year.
 * The rules hold from 2001; earlier closures beyond them are not known here.
 */

/** Milliseconds of a UTC day. */
export const DAY_MS = 86_400_000;

/** A calendar date as whole days since 1970-01-01. */
export type DayNumber = number;

/** The date of the instant, in UTC. */
export function dayNumberOf(at: Date | number): DayNumber {
  return Math.floor(Number(at) / DAY_MS);
}

/** The weekday of a date: 0 is Sunday, 6 is Saturday. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Whether US stocks trade on the date at all. */
export function isUsTradingDay(day: DayNumber): boolean {
  const weekday = weekdayOf(day);
  return weekday !== 0 && weekday !== 6 && !calendarOf(day).closed.has(day);
}

/** Whether US stocks close at 13:00 on the date instead of 16:00; it may not be a trading day at all. */
export function isUsHalfDay(day: DayNumber): boolean {
  return calendarOf(day).half.has(day);
}

/**
 * Whether the interbank market rests on the date: Christmas Day and New Year's Day. Nobody publishes
 * its calendar; these are the days on which its brokers have no prices.
 */
export function isForexHoliday(day: DayNumber): boolean {
  const date = new Date(day * DAY_MS);
  const [month, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
  return (month === 12 && dayOfMonth === 25) || (month === 1 && dayOfMonth === 1);
}

interface YearCalendar {
  closed: Set<DayNumber>;
  half: Set<DayNumber>;
}

/** Days of mourning, disaster and storm, which no rule foretells. */
const CLOSED_ONCE = [
  "2001-09-11", // attacks on New York, until the 14th
  "2001-09-12",
  "2001-09-13",
  "2001-09-14",
  "2004-06-11", // President Reagan
  "2007-01-02", // President Ford
  "2012-10-29", // hurricane Sandy
  "2012-10-30",
  "2018-12-05", // President G. H. W. Bush
  "2025-01-09", // President Carter
].map((date) => dayNumberOf(Date.parse(date)));

const HALF_ONCE = ["2003-12-26"].map((date) => dayNumberOf(Date.parse(date)));

const calendars = new Map<number, YearCalendar>();

function calendarOf(day: DayNumber): YearCalendar {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  let calendar = calendars.get(year);
  if (!calendar) calendars.set(year, calendar = makeCalendar(year));
  return calendar;
}

function makeCalendar(year: number): YearCalendar {
  const newYear = date(year, 1, 1);
  const independence = date(year, 7, 4);
  const christmas = date(year, 12, 25);
  const thanksgiving = nth(year, 11, 4, 4);
  const closed = new Set([
    weekdayOf(newYear) === 6 ? newYear : observed(newYear),
    nth(year, 1, 1, 3), // Martin Luther King, Jr. Day
    nth(year, 2, 1, 3), // Washington's Birthday
    easterSunday(year) - 2, // Good Friday
    lastMonday(year, 5), // Memorial Day
    ...(year >= 2022 ? [observed(date(year, 6, 19))] : []), // Juneteenth
    observed(independence),
    nth(year, 9, 1, 1), // Labor Day
    thanksgiving,
    observed(christmas),
    ...CLOSED_ONCE,
  ]);
  // Before 2013 a Thursday the 4th shortened the Friday after it instead of the Wednesday before.
  const shortened = year < 2013 && weekdayOf(independence) === 4
    ? independence + 1
    : independence - 1;
  const half = new Set(
    [thanksgiving + 1, christmas - 1, shortened, ...HALF_ONCE].filter((day) => {
      return !closed.has(day) && weekdayOf(day) !== 0 && weekdayOf(day) !== 6;
    }),
  );
  return { closed, half };
}

function date(year: number, month: number, dayOfMonth: number): DayNumber {
  return dayNumberOf(Date.UTC(year, month - 1, dayOfMonth));
}

function observed(holiday: DayNumber): DayNumber {
  const weekday = weekdayOf(holiday);
  return weekday === 6 ? holiday - 1 : weekday === 0 ? holiday + 1 : holiday;
}

/** The n-th such weekday of a month. */
function nth(year: number, month: number, weekday: number, n: number): DayNumber {
  const first = date(year, month, 1);
  return first + (weekday - weekdayOf(first) + 7) % 7 + (n - 1) * 7;
}

function lastMonday(year: number, month: number): DayNumber {
  const last = date(year, month + 1, 1) - 1;
  return last - (weekdayOf(last) + 6) % 7;
}

/** Easter Sunday of the Gregorian calendar: the anonymous algorithm (Meeus, Astronomical Algorithms, ch. 8). */
function easterSunday(year: number): DayNumber {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d =
    (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return date(year, Math.floor(f / 31), (f % 31) + 1);
}
