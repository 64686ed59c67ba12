/** What the options of several commands are, read strictly. */
import { InvalidArgumentError } from "commander";
import { Symbol } from "../../market/instrument.ts";
import { Interval, INTERVALS } from "../../market/interval.ts";

const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?$/;

/** `2020-01-01` or `2020-01-01T09:30Z`, in UTC. */
export function instantOption(text: string): Date {
  const [date = "", time = "00:00"] = text.replace(/Z$/, "").split(/[T ]/);
  const instant = new Date(`${date}T${time}Z`);
  // A day that its month does not have would become one of the next month.
  const isDay = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date);
  if (DATE.test(text) && isDay) return instant;
  throw new InvalidArgumentError(
    "It must be a date such as 2020-01-01 or 2020-01-01T09:30Z (UTC).",
  );
}

/** Symbols separated by commas. */
export function symbolsOption(text: string): string[] {
  return itemsOf(text).map((item) => {
    const symbol = Symbol.safeParse(item);
    if (symbol.success) return symbol.data;
    throw new InvalidArgumentError(`"${item}" must be a symbol such as AAPL or BTC/USD.`);
  });
}

/** Intervals separated by commas. */
export function intervalsOption(text: string): Interval[] {
  return itemsOf(text).map((item) => {
    const interval = Interval.safeParse(item);
    if (interval.success) return interval.data;
    throw new InvalidArgumentError(`"${item}" must be one of ${INTERVALS.join(" ")}.`);
  });
}

function itemsOf(text: string): string[] {
  const items = text.split(",").map((item) => item.trim()).filter((item) => item !== "");
  if (items.length > 0) return [...new Set(items)];
  throw new InvalidArgumentError("It must name at least one.");
}
