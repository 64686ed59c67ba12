/** `/`: every instrument at a glance. */
import { ClassPerformance } from "../components/ClassPerformance.tsx";
import { Heatmap } from "../components/Heatmap.tsx";
import { type MarketView, viewHref } from "../components/market_view.ts";
import { MarketTiles } from "../components/MarketTiles.tsx";
import { MoversSection } from "../components/MoversSection.tsx";
import { NoCandles } from "../components/NoCandles.tsx";
import { OverviewTable } from "../components/OverviewTable.tsx";
import { Segments } from "../components/Segments.tsx";
import { SPAN_LABELS } from "../components/spans.ts";
import { StarForm } from "../components/StarButton.tsx";
import { WatchlistSection } from "../components/WatchlistSection.tsx";
import {
  isStale,
  listOverview,
  listSpanSummaries,
  listStalePrices,
  listTurnover,
} from "../db/overview.ts";
import MarketPage from "../islands/MarketPage.tsx";
import { Span } from "../market/span.ts";
import { createRoute } from "./_env.ts";
import { filterOf, orderOf, OverviewQuery, tableQuery, USUAL_SPAN } from "./_market_query.ts";
import { readPreferences } from "./_preferences.ts";
import { parseQuery } from "./_query.ts";

const SPANS = Span.options.map((span) => ({ value: span, label: SPAN_LABELS[span] }));

export default createRoute(async (c) => {
  const query = parseQuery(c.req.url, OverviewQuery, "show the market");
  const span = query.span ?? USUAL_SPAN;
  const order = orderOf(query);
  const { sql, source } = c.env;
  const now = c.env.now();
  const page = {
    title: "Market overview",
    description: "Last prices, changes and trends of every instrument.",
    section: "market",
  } as const;
  const [rows, stale, summaries, turnover] = await Promise.all([
    listOverview(sql, source, now, order),
    listStalePrices(sql, source, now),
    listSpanSummaries(sql, source, now, span),
    listTurnover(sql, source, now),
  ]);
  if (!rows.some((row) => row.price !== null)) {
    return c.render(
      <NoCandles
        title="Market overview"
        path="/"
        known={rows.length}
        schedule={c.env.schedule}
        now={now}
      />,
      page,
    );
  }
  const view: MarketView = {
    path: "/",
    query: { span: span === USUAL_SPAN ? undefined : span, ...tableQuery(query) },
  };
  const { watchlist } = readPreferences(c);
  const table = { stale, span, watchlist, now };
  return c.render(
    <>
      <div class="live-page">
        <MarketPage />
      </div>
      <div id="live" class="stack">
        <div class="page-head">
          <h1>Market overview</h1>
          <Segments
            label="Span"
            view={view}
            name="span"
            options={SPANS}
            current={span}
            usual={USUAL_SPAN}
          />
        </div>
        <WatchlistSection rows={rows} {...table} />
        <MarketTiles
          rows={rows}
          stale={stale}
          breadth={summaries.find(({ kind }) => kind === null)!}
          turnover={turnover}
          span={span}
          now={now}
        />
        <OverviewTable rows={rows} view={view} order={order} filter={filterOf(query)} {...table} />
        <MoversSection rows={rows.filter((row) => !isStale(row, stale))} span={span} />
        <ClassPerformance summaries={summaries} span={span} />
        <Heatmap rows={rows} stale={stale} span={span} />
        <StarForm address={viewHref(view)} />
      </div>
    </>,
    page,
  );
});
