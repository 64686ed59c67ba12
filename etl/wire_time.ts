/** The times of wire rows: text in UTC without an offset. */

const [ZERO, NINE, DASH, COLON, SPACE] = [48, 57, 45, 58, 32];
const DAY_MS = 86_400_000;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Unix milliseconds of `YYYY-MM-DD[ HH:MM:SS]` in UTC, from the year 1000 to 2999; NaN for anything
 * else, a 31st of April included. By character, as a page asks it 10,000 times.
 */
export function wireTimeMs(text: string): number {
  const { length } = text;
  if (length !== 19 && length !== 10) return NaN;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isDate = year >= 1000 && year < 3000 && month >= 1 && month <= 12 && day >= 1 &&
    day <= daysOf(year, month);
  if (!isDate) return NaN;
  const dateMs = dayNumber(year, month, day) * DAY_MS;
  if (length === 10) return dateMs;
  const isSeparated = text.charCodeAt(10) === SPACE && text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(isSeparated && hour < 24 && minute < 60 && second < 60)) return NaN;
  return dateMs + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The number that two digits write, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  const areDigits = tens >= ZERO && tens <= NINE && ones >= ZERO && ones <= NINE;
  return areDigits ? (tens - ZERO) * 10 + ones - ZERO : NaN;
}

function daysOf(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : MONTH_DAYS[month - 1]!;
}

/** Days since 1970-01-01, counted in years that begin in March, so that the leap day is the last. */
function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) +
    Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}
