/** A market made of CSV files: real candles served again, digit for digit. */
import { Decimal } from "../market/candle.ts";
import { OperatorError } from "../market/errors.ts";
import { Symbol } from "../market/instrument.ts";
import { type Interval, INTERVALS, isDateInterval } from "../market/interval.ts";
import { listingOf } from "./listings.ts";
import type { Bar, Listing, SimulatedMarket } from "./market.ts";
import { parseWallTime } from "./wall_clock.ts";

const COLUMNS = ["datetime", "open", "high", "low", "close", "volume", "symbol"] as const;

/** One row of a replay file. */
export interface ReplayRow {
  symbol: string;
  interval: Interval;
  bar: Bar;
}

/**
 * Reads every `*.csv` of a folder.
 * @throws OperatorError when the folder cannot be read, holds no CSV, or a file breaks the format.
 */
export async function readReplay(folder: string): Promise<SimulatedMarket> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name.endsWith(".csv") && !entry.isDirectory) names.push(entry.name);
    }
  } catch (cause) {
    throw new OperatorError(`Cannot read the replay folder ${folder}: ${messageOf(cause)}`);
  }
  if (names.length === 0) {
    throw new OperatorError(`Cannot replay ${folder}: it holds no *.csv file`);
  }
  const rows: ReplayRow[] = [];
  for (const name of names.sort()) {
    const text = await Deno.readTextFile(`${folder}/${name}`).catch((cause) => {
      throw new OperatorError(`Cannot read ${name} of the replay folder: ${messageOf(cause)}`);
    });
    for (const row of parseReplayFile(name, text)) rows.push(row);
  }
  return makeReplayMarket(rows);
}

/**
 * The candles of one file; the interval is in its name, as `_1day` or `_15min_2025-02-03`. Times of
 * stocks, funds and indices are New York's, the rest UTC.
 * @throws OperatorError that names the file, the line and the value.
 */
export function parseReplayFile(name: string, text: string): ReplayRow[] {
  const fail = (line: number, problem: string, value: string): never => {
    throw new OperatorError(`Cannot replay ${name}: line ${line}: ${problem}: "${value}"`);
  };
  const interval = INTERVALS.find((known) => new RegExp(`_${known}(?![a-z0-9])`).test(name));
  if (!interval) {
    throw new OperatorError(
      `Cannot replay ${name}: its name must hold an interval, such as _1day or _15min`,
    );
  }
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const header = lines[0] ?? "";
  if (header !== COLUMNS.join(",")) fail(1, `the header must be ${COLUMNS.join(",")}`, header);

  const zones = new Map<string, string>();
  const rows: ReplayRow[] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line === "") continue;
    const fields = line.split(",");
    if (fields.length !== COLUMNS.length) {
      fail(i + 1, `there must be ${COLUMNS.length} values`, line);
    }
    const [datetime, open, high, low, close, volume, symbol] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    if (!Symbol.safeParse(symbol).success) fail(i + 1, "symbol must be as AAPL or BTC/USD", symbol);
    for (const [column, value] of Object.entries({ open, high, low, close })) {
      if (!Decimal.safeParse(value).success) {
        fail(i + 1, `${column} must be a decimal number`, value);
      }
    }
    if (volume !== "" && !Decimal.safeParse(volume).success) {
      fail(i + 1, "volume must be a decimal number or nothing", volume);
    }
    let zone = zones.get(symbol);
    if (!zone) zones.set(symbol, zone = listingOf(symbol).exchangeTimezone ?? "UTC");
    const isDate = isDateInterval(interval);
    const openedMs = datetime.includes(" ") || datetime.includes("T") || isDate
      ? parseWallTime(datetime.slice(0, isDate ? 10 : undefined), isDate ? "UTC" : zone)
      : null;
    rows.push({
      symbol,
      interval,
      bar: {
        openedMs: openedMs ??
          fail(i + 1, `datetime must be a time of a ${interval} candle`, datetime),
        open,
        high,
        low,
        close,
        volume: volume === "" ? null : volume,
      },
    });
  }
  return rows;
}

/** The market in which only these candles exist. Rows that repeat an open time are all served. */
export function makeReplayMarket(rows: ReplayRow[]): SimulatedMarket {
  const series = new Map<string, Map<Interval, Bar[]>>();
  for (const { symbol, interval, bar } of rows) {
    let intervals = series.get(symbol);
    if (!intervals) series.set(symbol, intervals = new Map());
    const bars = intervals.get(interval);
    if (bars) bars.push(bar);
    else intervals.set(interval, [bar]);
  }
  for (const intervals of series.values()) {
    for (const bars of intervals.values()) bars.sort((a, b) => a.openedMs - b.openedMs);
  }
  const listings: Listing[] = Array.from(series.keys(), listingOf);
  return {
    origin: "replay",
    listings: () => [...listings],
    intervals: ({ symbol }) => INTERVALS.filter((interval) => series.get(symbol)?.has(interval)),
    earliestMs: ({ symbol }, interval) => series.get(symbol)?.get(interval)?.[0]?.openedMs ?? null,
    bars({ symbol }, interval, { fromMs, toMs, count }, nowMs) {
      const lastMs = Math.min(toMs, nowMs);
      return (series.get(symbol)?.get(interval) ?? [])
        .filter(({ openedMs }) => openedMs >= fromMs && openedMs <= lastMs)
        .slice(-count);
    },
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
