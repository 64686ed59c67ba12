/** The page of a class of instruments, for the routes of each. */
import type { Context } from "hono";
import { z } from "zod";
import { chooseLines, listMeanKinds } from "../components/class_lines.ts";
import { ClassReturns } from "../components/ClassReturns.tsx";
import { ClassTrend } from "../components/ClassTrend.tsx";
import { EmptyClass } from "../components/EmptyClass.tsx";
import { type MarketView, viewHref } from "../components/market_view.ts";
import { MarketTiles } from "../components/MarketTiles.tsx";
import { MovingAverages } from "../components/MovingAverages.tsx";
import { NoCandles } from "../components/NoCandles.tsx";
import { OverviewTable } from "../components/OverviewTable.tsx";
import { Segments } from "../components/Segments.tsx";
import type { Section } from "../components/SiteHeader.tsx";
import { StarForm } from "../components/StarButton.tsx";
import { WINDOW_NAMES } from "../components/window_names.ts";
import {
  listClassMembers,
  listClassPoints,
  listClassReturns,
  listMovingAverages,
} from "../db/class_page.ts";
import {
  listOverview,
  listSpanSummaries,
  listStalePrices,
  listTurnover,
  type OverviewRow,
  type SpanSummary,
} from "../db/overview.ts";
import MarketPage from "../islands/MarketPage.tsx";
import type { InstrumentKind } from "../market/instrument.ts";
import { datesOf, type DateWindow, StatsWindow } from "../market/stats_window.ts";
import { createRoute, type RouteEnv } from "./_env.ts";
import { choice, filterOf, orderOf, TableFields, tableQuery, USUAL_SPAN } from "./_market_query.ts";
import { readPreferences } from "./_preferences.ts";
import { invalidQuery, parseQuery } from "./_query.ts";

/** What tells one class from another. */
export interface MarketClass {
  section: Section;
  title: string;
  /** The kinds of instrument in it, the one that it is named after first. */
  kinds: readonly InstrumentKind[];
  /** Symbols to begin with. */
  examples: string;
}

const Query = z.object({
  range: choice(StatsWindow),
  /** Slug of the instrument whose averages are shown. */
  symbol: z.string().optional(),
  ...TableFields,
});

const USUAL_RANGE: StatsWindow = "90d";
const RANGES = StatsWindow.options.map((value) => ({ value, label: WINDOW_NAMES[value] }));
/** Each line is drawn and listed: more points say no more on a screen. */
const MOST_POINTS = 120;

/** The handlers of a class's page. */
export function createClassRoute(shown: MarketClass) {
  return createRoute((c) => renderClass(c, shown));
}

async function renderClass(c: Context<RouteEnv>, shown: MarketClass) {
  const { section, title, kinds, examples } = shown;
  const query = parseQuery(c.req.url, Query, `show ${title.toLowerCase()}`);
  const order = orderOf(query);
  const range = query.range ?? USUAL_RANGE;
  const { sql, source } = c.env;
  const now = c.env.now();
  const page = { title, description: `Trends and changes of ${title.toLowerCase()}.`, section };
  const path = `/${section}`;
  const isShown = ({ kind }: { kind: InstrumentKind | null }) => kind && kinds.includes(kind);

  const window = datesOf(range, now);
  const [market, staleMarket, summaries, turnover, comparison] = await Promise.all([
    listOverview(sql, source, now, order),
    listStalePrices(sql, source, now),
    listSpanSummaries(sql, source, now, USUAL_SPAN),
    listTurnover(sql, source, now),
    loadComparison(c, kinds, window),
  ]);
  const rows = market.filter(isShown);
  if (rows.length === 0) return c.render(<EmptyClass title={title} examples={examples} />, page);
  if (rows.every(({ price }) => price === null)) {
    return c.render(
      <NoCandles
        title={title}
        path={path}
        known={rows.length}
        schedule={c.env.schedule}
        now={now}
      />,
      page,
    );
  }
  const stale = staleMarket.filter(({ instrumentId }) =>
    rows.some((row) => row.instrumentId === instrumentId)
  );
  const chosen = chooseInstrument(rows, query.symbol);
  const averages = await listMovingAverages(sql, chosen.instrumentId, window, MOST_POINTS);
  const view: MarketView = {
    path,
    query: {
      range: range === USUAL_RANGE ? undefined : range,
      symbol: query.symbol,
      ...tableQuery(query),
    },
  };
  return c.render(
    <>
      <div class="live-page">
        <MarketPage />
      </div>
      <div id="live" class="stack">
        <div class="page-head">
          <h1>{title}</h1>
          <Segments
            label="Window"
            view={view}
            name="range"
            options={RANGES}
            current={range}
            usual={USUAL_RANGE}
          />
        </div>
        <MarketTiles
          rows={rows}
          stale={stale}
          breadth={sumBreadth(summaries.filter(isShown))}
          turnover={turnover.filter(isShown)}
          span={USUAL_SPAN}
          now={now}
        />
        <ClassTrend {...comparison} />
        <ClassReturns returns={comparison.returns} />
        <MovingAverages rows={rows} chosen={chosen} averages={averages} view={view} />
        <OverviewTable
          rows={rows}
          stale={stale}
          view={view}
          order={order}
          filter={filterOf(query)}
          span={USUAL_SPAN}
          watchlist={readPreferences(c).watchlist}
          now={now}
        />
        <StarForm address={viewHref(view)} />
      </div>
    </>,
    page,
  );
}

/** The members of the class over the days that they have in common. */
async function loadComparison(
  c: Context<RouteEnv>,
  kinds: readonly InstrumentKind[],
  window: DateWindow,
) {
  const { sql, source } = c.env;
  const members = await listClassMembers(sql, source, kinds, window);
  const compared = members.filter(({ leftOut }) => leftOut === null);
  const ids = compared.map(({ instrumentId }) => instrumentId);
  const returns = await listClassReturns(sql, ids, window);
  const meanKinds = listMeanKinds(compared);
  const lines = chooseLines(returns, meanKinds.length);
  const points = await listClassPoints(sql, ids, window, {
    shown: lines.map(({ instrumentId }) => instrumentId),
    points: MOST_POINTS,
  });
  return { members, returns, meanKinds, lines, points };
}

/** The one of that slug, else the first by symbol that has a price. */
function chooseInstrument(rows: OverviewRow[], slug: string | undefined): OverviewRow {
  const chosen = slug
    ? rows.find((row) => row.slug === slug)
    : rows.toSorted((a, b) => a.symbol < b.symbol ? -1 : 1).find(({ price }) => price !== null);
  if (chosen) return chosen;
  const rule = "symbol must be the slug of an instrument of this page";
  throw invalidQuery("show its averages", "symbol", rule, slug);
}

/** The counts of several kinds together. */
function sumBreadth(summaries: SpanSummary[]) {
  const sum = (field: "known" | "rising" | "falling" | "unchanged" | "stale") =>
    summaries.reduce((total, summary) => total + summary[field], 0);
  return {
    known: sum("known"),
    rising: sum("rising"),
    falling: sum("falling"),
    unchanged: sum("unchanged"),
    stale: sum("stale"),
  };
}
