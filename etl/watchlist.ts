/** The series that runs keep up to date: which, and where each of them stands. */
import type { Database } from "../db/connect.ts";
import { listWatchlist } from "../db/instruments.ts";
import { listSeriesStates, type SeriesState } from "../db/series.ts";
import type { Instrument, Source } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { sessionOf } from "../market/session.ts";
import { creditsDue, type SeriesPosition } from "./window.ts";

/** What the settings ask for; the database adds the instruments that were added by hand. */
export interface Watch {
  symbols: string[];
  /** The first named comes first. */
  intervals: Interval[];
  /** Leaves out the instruments that were added by hand. */
  isOnlyThese?: boolean;
}

/** One series of the watchlist. */
export interface WatchedSeries extends SeriesPosition {
  symbol: string;
  /** Null until its first load. */
  instrument: Instrument | null;
  /** The listing that every request must name; null: the provider chooses. */
  micCode: string | null;
  state: SeriesState | null;
}

/** Every series of the watchlist, by interval, then symbol. */
export async function listWatchedSeries(
  sql: Database["sql"],
  source: Source,
  { symbols, intervals, isOnlyThese }: Watch,
): Promise<WatchedSeries[]> {
  const entries = (await listWatchlist(sql, source, symbols))
    .filter(({ symbol }) => !isOnlyThese || symbols.includes(symbol));
  const states = new Map(
    (await listSeriesStates(sql, source))
      .map((state) => [`${state.instrumentId} ${state.candleInterval}`, state]),
  );
  return intervals.flatMap((interval) =>
    entries.map(({ symbol, instrument, pinnedMicCode }) => {
      const state = instrument && (states.get(`${instrument.id} ${interval}`) ?? null);
      return {
        symbol,
        interval,
        instrument,
        micCode: pinnedMicCode,
        state,
        session: instrument && sessionOf(instrument.kind, instrument.exchangeTimezone),
        newest: newestOf(state),
        rereadFrom: state?.rereadFrom ?? null,
      };
    })
  );
}

/** The credits that scheduled runs at these instants will need: what a backfill must leave them. */
export async function creditsForRuns(
  sql: Database["sql"],
  source: Source,
  watch: Watch,
  firings: readonly Date[],
): Promise<number> {
  return creditsDue(await listWatchedSeries(sql, source, watch), firings);
}

function newestOf(state: SeriesState | null): SeriesPosition["newest"] {
  if (!state?.newestAt || !state.newestLoadedAt) return null;
  return {
    openedAt: state.newestAt,
    isFinal: state.newestIsFinal ?? false,
    loadedAt: state.newestLoadedAt,
  };
}
