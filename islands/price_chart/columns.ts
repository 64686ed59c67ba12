/** The candles that a chart holds: columns, as they come in pages from the newest backwards. */
import * as z from "zod/mini";

const Numbers = z.array(z.number());
const Values = z.array(z.nullable(z.number()));

/** A page of candles, ascending; every column has one value for each. */
export const Page = z.object({
  /** Open times, UTC seconds. */
  times: Numbers,
  opens: Numbers,
  highs: Numbers,
  lows: Numbers,
  closes: Numbers,
  /** Units traded, null where it was not reported. */
  volumes: Values,
  /** By their column's name; null where too little history is stored. */
  indicators: z.record(z.string(), Values),
  /** Closes of the compared instrument, null where it has none; null when none is compared. */
  compared: z.nullable(Values),
  /** Whether nothing older is stored. */
  isStart: z.boolean(),
});

export type Page = z.infer<typeof Page>;

/** A column that is not known for all candles: those of the newest `known` are. */
export interface Extra {
  values: (number | null)[];
  known: number;
}

export interface Columns extends Pick<Page, "times" | "opens" | "highs" | "lows" | "closes"> {
  volumes: (number | null)[];
  /** Indicators by their column, closes of other instruments by {@linkcode comparedName}. */
  extras: Map<string, Extra>;
  isStart: boolean;
}

/** What the closes of another instrument are called among the columns. */
export function comparedName(slug: string): string {
  return `compare ${slug}`;
}

export function columnsOfPage(page: Page, compared: string | null): Columns {
  const { indicators: _, compared: __, ...columns } = page;
  return { ...columns, extras: extrasOf(page, compared) };
}

/** What the page has beside the candles, by the names of the columns. */
function extrasOf(page: Page, compared: string | null): Map<string, Extra> {
  const known = page.times.length;
  const named = Object.entries(page.indicators);
  if (page.compared && compared !== null) named.push([comparedName(compared), page.compared]);
  return new Map(named.map(([name, values]) => [name, { values, known }]));
}

/** The columns with an older page in front; it must end where they begin. */
export function prepend(columns: Columns, page: Page, compared: string | null): Columns {
  const older = extrasOf(page, compared);
  const unknown = page.times.map(() => null);
  return {
    times: [...page.times, ...columns.times],
    opens: [...page.opens, ...columns.opens],
    highs: [...page.highs, ...columns.highs],
    lows: [...page.lows, ...columns.lows],
    closes: [...page.closes, ...columns.closes],
    volumes: [...page.volumes, ...columns.volumes],
    extras: new Map([...columns.extras].map(([name, { values, known }]) => {
      const front = older.get(name);
      const isWhole = front !== undefined && known === columns.times.length;
      return [name, {
        values: [...front?.values ?? unknown, ...values],
        known: isWhole ? known + front.known : known,
      }];
    })),
    isStart: page.isStart,
  };
}

/**
 * The columns with what a page of the same candles has beside them. A candle that the page has and they
 * do not, as it is newer, is left out.
 */
export function fill(columns: Columns, page: Page, compared: string | null): Columns {
  const extras = new Map(columns.extras);
  const { times } = columns;
  const at = new Map(page.times.map((time, index) => [time, index]));
  const oldest = page.isStart ? -Infinity : page.times[0] ?? Infinity;
  const reaches = times.length - firstAfter(times, oldest - 1);
  for (const [name, { values }] of extrasOf(page, compared)) {
    const before = columns.extras.get(name);
    const filled = times.map((time, index) => {
      const place = at.get(time);
      return place === undefined ? before?.values[index] ?? null : values[place]!;
    });
    extras.set(name, { values: filled, known: Math.max(reaches, before?.known ?? 0) });
  }
  return { ...columns, extras };
}

/** The index of the first time after `time`; the length when there is none. */
export function firstAfter(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
