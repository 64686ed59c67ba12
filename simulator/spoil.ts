/** Spoils the candles of an answer: a few rows that are wrong, or all of them in no order. */
import { type Fault, shuffled } from "./faults.ts";
import type { Random } from "./random.ts";
import type { TimeSeriesAnswer, WireValue } from "./time_series.ts";

/** Rows that a fault of single rows hits at most: the others must be worth keeping. */
const MOST_ROWS = 3;

/** What stands where a text belongs. A missing volume is none of them: it is allowed. */
const NO_TEXTS = [1, true, [], {}];

/** A row in which anything may stand. */
type Row = Record<string, unknown>;

/** An answer under a fault of its rows; under any other it stays as it is. */
export function spoilSeries(
  answer: TimeSeriesAnswer,
  { kind, random }: Fault,
): Omit<TimeSeriesAnswer, "values"> & { values: Row[] } {
  const values: Row[] = answer.values.map((value) => ({ ...value }));
  switch (kind) {
    case "wrong_types":
      for (const row of someOf(values, random)) {
        row[oneOf(Object.keys(row), random)] = oneOf(NO_TEXTS, random);
      }
      break;
    case "nan":
      for (const row of someOf(values, random)) {
        row[oneOf(["open", "high", "low", "close"], random)] = "NaN";
      }
      break;
    case "duplicate":
      for (const value of someOf(answer.values, random)) {
        const place = Math.floor(random.uniform() * (values.length + 1));
        values.splice(place, 0, { ...risen(value) });
      }
      break;
    case "shuffled":
      return { ...answer, values: shuffled(values, random) };
  }
  return { ...answer, values };
}

/** The symbols of a request whose candles the fault spoils: all of them, or one alone. */
export function spoiltSymbols(symbols: string[], { random }: Fault): Set<string> {
  return new Set(random.uniform() < 0.5 ? symbols : [oneOf(symbols, random)]);
}

/** One of at least one. */
export function oneOf<T>(things: readonly T[], random: Random): T {
  return things[Math.floor(random.uniform() * things.length)]!;
}

function someOf<T>(things: readonly T[], random: Random): T[] {
  const count = 1 + Math.floor(random.uniform() * MOST_ROWS);
  return shuffled(things, random).slice(0, count);
}

/** A candle that is as good as the one it is made of, but stands a percent higher. */
function risen(value: WireValue): WireValue {
  const higher = (price: string) => (Number(price) * 1.01).toFixed(5);
  return {
    ...value,
    open: higher(value.open),
    high: higher(value.high),
    low: higher(value.low),
    close: higher(value.close),
  };
}
