/** Which marks of the time axis matter most, by the wall clock that it shows. */

/** The chart library's weights: a mark of a higher one is kept when there is no room for all. */
const YEAR = 70;
const MONTH = 60;
const DAY = 50;

/** The greatest of these that begins with a candle says how much its mark weighs. */
const WITHIN_A_DAY = [
  { seconds: 12 * 3600, weight: 33 },
  { seconds: 6 * 3600, weight: 32 },
  { seconds: 3 * 3600, weight: 31 },
  { seconds: 3600, weight: 30 },
  { seconds: 1800, weight: 22 },
  { seconds: 300, weight: 21 },
  { seconds: 60, weight: 20 },
] as const;

const DAY_SECONDS = 86_400;

/**
 * The weight of the mark at a candle. Both times are wall seconds; a clock that was put back shows an
 * earlier one than before and begins nothing.
 */
export function tickWeight(wall: number, previousWall: number): number {
  const day = Math.floor(wall / DAY_SECONDS);
  const previousDay = Math.floor(previousWall / DAY_SECONDS);
  if (day > previousDay) {
    const date = new Date(wall * 1000);
    const previous = new Date(previousWall * 1000);
    if (date.getUTCFullYear() !== previous.getUTCFullYear()) return YEAR;
    return date.getUTCMonth() !== previous.getUTCMonth() ? MONTH : DAY;
  }
  if (wall <= previousWall) return 0;
  for (const { seconds, weight } of WITHIN_A_DAY) {
    if (Math.floor(wall / seconds) !== Math.floor(previousWall / seconds)) return weight;
  }
  return 0;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What a mark of that weight says: a year, a month, a day or a time. */
export function tickLabel(wall: number, weight: number): string {
  const date = new Date(wall * 1000);
  if (weight >= YEAR) return String(date.getUTCFullYear());
  if (weight >= MONTH) return MONTHS[date.getUTCMonth()]!;
  if (weight >= DAY) return String(date.getUTCDate());
  return date.toISOString().slice(11, 16);
}
