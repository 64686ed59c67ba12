/** Brings what the chart wants to see and does not have yet, one request at a time. */
import { type Columns, columnsOfPage, comparedName, fill, type Page, prepend } from "./columns.ts";
import type { PageRequest } from "./request.ts";

/** The pages grow as someone scrolls on. */
const FIRST_LIMIT = 1000;
const MOST_LIMIT = 5000;

export type LoadState = "idle" | "loading" | "failed";

/** What the chart is to show. */
export interface Wanted {
  indicators: readonly string[];
  compare: { slug: string; symbol: string } | null;
}

interface HistoryOptions {
  first: Page;
  wanted: Wanted;
  /** What each request names. */
  series: Pick<PageRequest, "symbol" | "interval">;
  request: (request: PageRequest, signal: AbortSignal) => Promise<Page>;
  /** There is more to draw. */
  onColumns: (columns: Columns) => void;
  onState: (state: LoadState) => void;
}

export interface History {
  columns(): Columns;
  /** Changes what is wanted; what is on its way for something else is called off. */
  want(wanted: Wanted): void;
  /** Asks for candles until the oldest opened at or before `time` (UTC seconds), by default for one page. */
  reachBack(time?: number): void;
  /** Goes on after a failure. */
  retry(): void;
  end(): void;
}

/** The candles of a chart, which begin with the page that the server sent along. */
export function createHistory(options: HistoryOptions): History {
  const { series, request, onColumns, onState } = options;
  let { wanted } = options;
  let columns = columnsOfPage(options.first, wanted.compare?.slug ?? null);
  let limit = FIRST_LIMIT;
  /** The candles are wanted back to here, UTC seconds. */
  let since = Infinity;
  let state: LoadState = "idle";
  let current: AbortController | null = null;

  const setState = (next: LoadState) => {
    if (next !== state) onState(state = next);
  };

  /** What is missing first: the columns of the candles at hand, then older candles. */
  function nextRequest(): (PageRequest & { isOlder: boolean }) | null {
    const { times, extras, isStart } = columns;
    const base = {
      ...series,
      indicators: wanted.indicators,
      compare: wanted.compare?.symbol ?? null,
    };
    const knownOf = (name: string) => extras.get(name)?.known ?? 0;
    const lacking = wanted.indicators.filter((name) => knownOf(name) < times.length);
    const lacksCompared = wanted.compare !== null &&
      knownOf(comparedName(wanted.compare.slug)) < times.length;
    if (lacking.length > 0 || lacksCompared) {
      const known = Math.min(
        ...lacking.map(knownOf),
        ...lacksCompared ? [knownOf(comparedName(wanted.compare!.slug))] : [],
      );
      const unknown = times.length - known;
      return {
        ...base,
        indicators: lacking,
        compare: lacksCompared ? base.compare : null,
        before: times[unknown] ?? times.at(-1)! + 1,
        limit: Math.min(unknown, MOST_LIMIT),
        isOlder: false,
      };
    }
    if (isStart || times[0]! <= since) return null;
    return { ...base, before: times[0]!, limit, isOlder: true };
  }

  async function load(): Promise<void> {
    if (current !== null || state === "failed") return;
    const next = nextRequest();
    if (next === null) return setState("idle");
    setState("loading");
    const mine = current = new AbortController();
    let page: Page;
    try {
      page = await request(next, mine.signal);
    } catch {
      if (mine.signal.aborted) return;
      current = null;
      return setState("failed");
    }
    if (mine.signal.aborted) return;
    const slug = wanted.compare?.slug ?? null;
    columns = next.isOlder ? prepend(columns, page, slug) : fill(columns, page, slug);
    if (next.isOlder) limit = Math.min(limit * 2, MOST_LIMIT);
    current = null;
    try {
      onColumns(columns);
    } finally {
      void load();
    }
  }

  function callOff(): void {
    current?.abort();
    current = null;
    setState("idle");
  }

  return {
    columns: () => columns,
    want(next) {
      callOff();
      wanted = next;
      void load();
    },
    reachBack(time = columns.times[0]! - 1) {
      since = Math.min(since, time);
      void load();
    },
    retry() {
      setState("idle");
      void load();
    },
    end: callOff,
  };
}
