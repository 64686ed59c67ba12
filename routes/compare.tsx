/** `/compare?symbols=AAPL,BTC-USD`: up to 8 instruments side by side, over their daily candles. */
import type { Context } from "hono";
import type { z } from "zod";
import { comparePath, type CompareView } from "../components/compare_address.ts";
import { ComparedInstruments } from "../components/ComparedInstruments.tsx";
import { ComparedLines } from "../components/ComparedLines.tsx";
import { CompareStart } from "../components/CompareStart.tsx";
import { CorrelationMatrix } from "../components/CorrelationMatrix.tsx";
import { EmptyState } from "../components/EmptyState.tsx";
import { RiskSection } from "../components/RiskSection.tsx";
import { RollingCorrelation } from "../components/RollingCorrelation.tsx";
import { UnknownCompared } from "../components/UnknownCompared.tsx";
import {
  getCommonWindow,
  listComparedLines,
  listCorrelations,
  listRisk,
  listRollingCorrelation,
} from "../db/comparison.ts";
import { findInstruments, searchInstruments } from "../db/instrument_search.ts";
import { listInstruments } from "../db/instruments.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { Instrument } from "../market/instrument.ts";
import { datesOf } from "../market/stats_window.ts";
import { CompareQuery } from "./_compare.ts";
import { createRoute, type RouteEnv } from "./_env.ts";
import { readPreferences } from "./_preferences.ts";
import { invalidQuery, parseQuery } from "./_query.ts";

const ACTION = "compare";
/** Dates in a chart and in its table. */
const MOST_POINTS = 250;
const MOST_SIMILAR = 3;

export default createRoute(async (c) => {
  const query = parseQuery(c.req.url, CompareQuery, ACTION);
  const { sql, source } = c.env;
  const found = await findInstruments(sql, source, query.symbols);
  const instruments = [
    ...new Map(found.flatMap((each) => each ? [[each.id, each] as const] : [])).values(),
  ];
  const pair = choosePair(query, instruments);
  const view: CompareView = {
    slugs: instruments.map(({ slug }) => slug),
    range: query.range,
    pair: query.pair && pair ? [pair[0].slug, pair[1].slug] : null,
    window: query.window,
  };
  const unknown = query.symbols.filter((_, at) => found[at] === null);
  if (query.add !== "") {
    const added = await findAdded(c, query.add);
    if (added) {
      // What is unknown stays in the address, so that the next page tells of it again.
      const names = [...new Set([...view.slugs, ...unknown, added.slug])];
      return c.redirect(comparePath({ ...view, slugs: names.map(encodeURIComponent) }), 303);
    }
    unknown.push(query.add);
  }
  const hints = await Promise.all(unknown.map(async (name) => ({
    name,
    similar: await searchInstruments(sql, source, name, MOST_SIMILAR),
  })));
  const symbols = new Intl.ListFormat("en").format(instruments.map(({ symbol }) => symbol));
  return c.render(
    <>
      <div class="page-head">
        <h1>{instruments.length === 0 ? "Compare" : `Compare ${symbols}`}</h1>
        <p class="muted">Lines from 100, correlation, risk and return · dates are UTC</p>
      </div>
      {hints.map((hint) => <UnknownCompared key={hint.name} {...hint} view={view} />)}
      {instruments.length === 0
        ? <CompareStart {...await loadStart(c)} view={view} />
        : await renderComparison(c, instruments, pair, view)}
    </>,
    {
      title: instruments.length === 0 ? "Compare" : `Compare ${symbols}`,
      description: "Instruments side by side: lines from 100, correlation, risk and return.",
      section: "compare",
    },
  );
});

type Pair = readonly [Instrument, Instrument];

/** The two whose rolling correlation is shown: as asked, else the first two; null when there are none. */
function choosePair(query: z.infer<typeof CompareQuery>, instruments: Instrument[]): Pair | null {
  const named = query.pair?.map((name) =>
    instruments.find(({ slug, symbol }) =>
      [slug, symbol].some((each) => each.toLowerCase() === name.toLowerCase())
    )
  );
  const [one, other] = named ?? instruments;
  if (one && other && one !== other) return [one, other];
  if (named === undefined) return null;
  const rule = "pair must be two of the symbols with a comma between";
  throw invalidQuery(ACTION, "pair", rule, query.pair?.join(","));
}

/** What a person typed means one instrument: its symbol, or the only one that is found. */
async function findAdded(c: Context<RouteEnv>, text: string): Promise<Instrument | null> {
  const { sql, source } = c.env;
  const [named] = await findInstruments(sql, source, [text]);
  if (named) return named;
  const found = await searchInstruments(sql, source, text, 2);
  return found.length === 1 || found[0]?.isExact ? found[0]! : null;
}

async function loadStart(c: Context<RouteEnv>) {
  const { sql, source } = c.env;
  const instruments = await listInstruments(sql, source);
  const watched = readPreferences(c).watchlist.flatMap((starred) =>
    instruments.filter(({ slug }) => slug === starred)
  );
  return { instruments, watched };
}

async function renderComparison(
  c: Context<RouteEnv>,
  instruments: Instrument[],
  pair: Pair | null,
  view: CompareView,
) {
  const { sql } = c.env;
  const ids = instruments.map(({ id }) => id);
  const asked = datesOf(view.range, c.env.now());
  const common = await getCommonWindow(sql, ids, asked);
  // All figures are of the same dates; where there are none in common, each is of its own.
  const window = common
    ? { from: common.startedAt, to: new Date(common.endedAt.getTime() + DAY_MS) }
    : asked;
  const [points, correlations, rolling, risk] = await Promise.all([
    common ? listComparedLines(sql, ids, window, MOST_POINTS) : [],
    listCorrelations(sql, ids, window),
    pair && listRollingCorrelation(sql, {
      pair: [pair[0].id, pair[1].id],
      ...window,
      returns: Number(view.window),
      points: MOST_POINTS,
    }),
    listRisk(sql, ids, window),
  ]);
  const first = points[0];
  const drawn = first ? ids.filter((_, at) => first.values[at] !== null) : ids;
  return (
    <>
      <ComparedInstruments instruments={instruments} drawn={drawn} view={view} />
      <ComparedLines instruments={instruments} points={points} drawn={drawn} />
      <RiskSection instruments={instruments} risk={risk} drawn={drawn} />
      {pair && rolling
        ? (
          <>
            <CorrelationMatrix
              instruments={instruments}
              correlations={correlations}
              common={common}
              pair={pair}
              view={view}
            />
            <RollingCorrelation pair={pair} points={rolling} view={view} />
          </>
        )
        : (
          <EmptyState title="One alone has no correlation">
            <p>Add a second instrument above to see how alike the two move.</p>
          </EmptyState>
        )}
    </>
  );
}
