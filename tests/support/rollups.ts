/** What market.rollups should hold, worked out again from all stored candles, in TypeScript. */
import type { Sql } from "../../db/connect.ts";
import { dayNumberOf } from "../../market/holidays.ts";
import {
  addInterval,
  type Interval,
  intervalDurationMs,
  INTERVALS,
  isDateInterval,
} from "../../market/interval.ts";
import type { Session } from "../../market/session.ts";

/** A candle with small whole prices, so that floats are exact. */
export interface PlainCandle {
  openedMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
  isFinal: boolean;
  loadedMs: number;
}

export interface PlainRollup extends PlainCandle {
  interval: Interval;
  rolledUpFrom: Interval;
  candleCount: number;
}

const DAY_MS = 86_400_000;
type Bases = Partial<Record<Interval, Interval[]>>;

const ALWAYS: Bases = {
  "5min": ["1min"],
  "15min": ["5min"],
  "1week": ["1day"],
  "1month": ["1day"],
};
const FROM_THE_OPEN: Bases = {
  ...ALWAYS,
  "30min": ["15min"],
  "45min": ["15min"],
  "1h": ["30min"],
  "2h": ["1h"],
};
const COUNTED: Bases = {
  ...FROM_THE_OPEN,
  "4h": ["2h"],
  "8h": ["4h"],
  "1day": ["8h", "45min"],
};
const BASES: Record<Session["name"], Bases> = {
  us_stocks: COUNTED,
  round_the_clock: COUNTED,
  // Nobody says from when the provider counts longer ones.
  forex: { ...FROM_THE_OPEN, "4h": ["1h"], "8h": ["1h"], "1day": ["1h"] },
  unknown: { ...ALWAYS, "1day": ["1h", "30min", "15min"] },
};

/** Every rollup that there should be of one instrument, by interval and time. */
export async function expectedRollups(
  sql: Sql,
  instrumentId: number,
  session: Session,
): Promise<PlainRollup[]> {
  const combined = new Map<Interval, PlainCandle[]>();
  const all: PlainRollup[] = [];
  for (const interval of INTERVALS) {
    const fetched = await fetchedCandles(sql, instrumentId, interval);
    const bases = BASES[session.name][interval] ?? [];
    const made = bases.map((base) => rollUp(combined.get(base)!, base, interval, session));
    const newestMs = Math.max(...made.flat().map(({ openedMs }) => openedMs));
    const rollups = new Map<number, PlainRollup>();
    // The first of the bases is the longest, and the last to be written.
    for (const rollup of made.reverse().flat()) {
      const hasEnded = rollup.endsMs <= rollup.loadedMs || rollup.openedMs < newestMs;
      const { endsMs: _, ...values } = rollup;
      rollups.set(rollup.openedMs, { ...values, isFinal: rollup.isFinal && hasEnded });
    }
    const reachMs = isDateInterval(interval) ? 1 : intervalDurationMs(interval);
    const kept = [...rollups.values()].filter(({ openedMs }) =>
      !fetched.some((candle) => Math.abs(candle.openedMs - openedMs) < reachMs)
    );
    combined.set(interval, [...fetched, ...kept].sort((a, b) => a.openedMs - b.openedMs));
    all.push(...kept.sort((a, b) => a.openedMs - b.openedMs));
  }
  return all;
}

/** What is stored in market.rollups, in the same order. */
export async function storedRollups(sql: Sql, instrumentId: number): Promise<PlainRollup[]> {
  return [
    ...await sql<PlainRollup[]>`
      select (extract(epoch from opened_at) * 1000)::float8 as opened_ms, open::float8, high::float8,
        low::float8, close::float8, volume::float8, is_final,
        (extract(epoch from loaded_at) * 1000)::float8 as loaded_ms, candle_interval as interval,
        rolled_up_from, candle_count
      from market.rollups
      where instrument_id = ${instrumentId}
      order by array_position(${[...INTERVALS]}::text[], candle_interval::text), opened_at`,
  ];
}

/** The instant at which the candle opens that holds one of a shorter interval (unix milliseconds). */
export function bucketMs(
  openedMs: number,
  base: Interval,
  interval: Interval,
  session: Session,
): number {
  if (isDateInterval(interval)) {
    const dayMs = isDateInterval(base) ? openedMs : tradingDateMs(openedMs, session);
    const date = new Date(dayMs);
    if (interval === "1month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    if (interval === "1day") return dayMs;
    // Day 0 of the unix epoch was a Thursday.
    return dayMs - ((dayNumberOf(dayMs) + 3) % 7) * DAY_MS;
  }
  const durationMs = intervalDurationMs(interval);
  const originMs = durationMs <= 30 * 60_000 ? 0 : originOf(openedMs, session);
  return originMs + Math.floor((openedMs - originMs) / durationMs) * durationMs;
}

function originOf(openedMs: number, session: Session): number {
  const dateMs = tradingDateMs(openedMs, session);
  switch (session.name) {
    case "round_the_clock":
      return dateMs;
    case "us_stocks":
      return instantMs(dateMs, "09:30", session.timezone);
    case "forex":
      return instantMs(dateMs - DAY_MS, "17:00", session.timezone);
    case "unknown":
      throw new Error("There are no hours to count from");
  }
}

function tradingDateMs(openedMs: number, session: Session): number {
  const local = Temporal.Instant.fromEpochMilliseconds(openedMs)
    .toZonedDateTimeISO(session.timezone).toPlainDateTime();
  const shifted = session.name === "forex" ? local.add({ hours: 7 }) : local;
  return Date.parse(shifted.toPlainDate().toString());
}

function instantMs(dateMs: number, time: string, timezone: string): number {
  const date = new Date(dateMs).toISOString().slice(0, 10);
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(timezone).epochMilliseconds;
}

function endsMs(openedMs: number, interval: Interval, session: Session): number {
  const endMs = addInterval(new Date(openedMs), interval).getTime();
  if (interval === "1week" || interval === "1month") return endMs;
  if (interval === "1day" && session.name === "forex") {
    return instantMs(openedMs, "17:00", session.timezone);
  }
  if (interval === "1day" && session.name === "unknown") {
    return Math.min(endMs, instantMs(openedMs + DAY_MS, "00:00", session.timezone));
  }
  if (session.name !== "us_stocks") return endMs;
  if (interval === "1day") return instantMs(openedMs, "16:00", session.timezone);
  const closesMs = instantMs(tradingDateMs(openedMs, session), "16:00", session.timezone);
  return Math.min(endMs, closesMs);
}

function rollUp(
  candles: PlainCandle[],
  base: Interval,
  interval: Interval,
  session: Session,
): (PlainRollup & { endsMs: number })[] {
  const buckets = Map.groupBy(
    candles,
    ({ openedMs }) => bucketMs(openedMs, base, interval, session),
  );
  return [...buckets].map(([openedMs, parts]) => ({
    openedMs,
    open: parts[0]!.open,
    high: Math.max(...parts.map(({ high }) => high)),
    low: Math.min(...parts.map(({ low }) => low)),
    close: parts.at(-1)!.close,
    volume: parts.some(({ volume }) => volume === null)
      ? null
      : parts.reduce((sum, { volume }) => sum + volume!, 0),
    isFinal: parts.every(({ isFinal }) => isFinal),
    loadedMs: Math.max(...parts.map(({ loadedMs }) => loadedMs)),
    interval,
    rolledUpFrom: base,
    candleCount: parts.length,
    endsMs: endsMs(openedMs, interval, session),
  }));
}

async function fetchedCandles(
  sql: Sql,
  instrumentId: number,
  interval: Interval,
): Promise<PlainCandle[]> {
  return [
    ...await sql<PlainCandle[]>`
      select (extract(epoch from opened_at) * 1000)::float8 as opened_ms, open::float8, high::float8,
        low::float8, close::float8, volume::float8, is_final,
        (extract(epoch from loaded_at) * 1000)::float8 as loaded_ms
      from market.candles
      where instrument_id = ${instrumentId} and candle_interval = ${interval}
      order by opened_at`,
  ];
}
