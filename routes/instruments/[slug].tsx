/** `/instruments/[slug]`: one instrument, its figures, its candles. */
import type { Context } from "hono";
import { z } from "zod";
import { CandleSection } from "../../components/CandleSection.tsx";
import { EmptyState } from "../../components/EmptyState.tsx";
import { InstrumentFigures } from "../../components/InstrumentFigures.tsx";
import { InstrumentHead } from "../../components/InstrumentHead.tsx";
import { priceDecimals } from "../../components/format.ts";
import { UnknownInstrument } from "../../components/UnknownInstrument.tsx";
import { getFigures } from "../../db/analytics.ts";
import { listStoredIntervals } from "../../db/candles.ts";
import { searchInstruments } from "../../db/instrument_search.ts";
import { getInstrumentBySlug, listInstruments } from "../../db/instruments.ts";
import { listStalePrices } from "../../db/overview.ts";
import { VIEW_QUERY, viewOf } from "../../islands/chart_view.ts";
import { Slug } from "../../market/instrument.ts";
import { StatsWindow } from "../../market/stats_window.ts";
import { loadChart } from "../_chart.ts";
import { createRoute, type RouteEnv } from "../_env.ts";
import { loadStatistics } from "../_instrument_figures.ts";
import { parseQuery, QueryInterval } from "../_query.ts";

const Query = z.object({
  interval: QueryInterval.optional(),
  stats: StatsWindow.default("1y"),
  ...VIEW_QUERY,
});

export default createRoute(async (c) => {
  const slug = c.req.param("slug") ?? "";
  const { sql, source } = c.env;
  const instrument = Slug.safeParse(slug).success
    ? await getInstrumentBySlug(sql, source, slug)
    : null;
  if (instrument === null) return await renderUnknown(c, slug);

  const query = parseQuery(c.req.url, Query, "show the instrument");
  const now = c.env.now();
  const stored = await listStoredIntervals(sql, instrument.id);
  const interval = query.interval ?? (stored.includes("1h") ? "1h" : stored[0]);
  const page = {
    title: instrument.symbol,
    description: `Price, key figures and candles of ${instrument.name ?? instrument.symbol}.`,
    section: "market",
  } as const;
  if (interval === undefined) {
    return c.render(
      <>
        <InstrumentHead instrument={instrument} now={now} decimals={2} />
        <EmptyState title={instrument.isActive ? "No candles yet" : "No candles"}>
          <p>
            {instrument.isActive && "The next run of the pipeline brings them. "}
            <a href="/pipeline">See the last runs.</a>
          </p>
        </EmptyState>
      </>,
      page,
    );
  }
  const [figures, [stale], chart, statistics] = await Promise.all([
    getFigures(sql, instrument.id, now),
    listStalePrices(sql, source, now, instrument.id),
    loadChart(c.env, instrument, interval, viewOf(query)),
    loadStatistics(sql, instrument.id, { window: query.stats, now }),
  ]);
  const decimals = priceDecimals(
    [...chart.candles.map((candle) => candle.close), figures.price ?? "1"],
    instrument.kind,
  );
  return c.render(
    <>
      <InstrumentHead
        instrument={instrument}
        figures={figures}
        stale={stale}
        now={now}
        decimals={decimals}
      />
      <CandleSection
        instrument={instrument}
        interval={interval}
        intervals={stored}
        decimals={decimals}
        url={c.req.url}
        {...chart}
      />
      <InstrumentFigures
        instrument={instrument}
        figures={figures}
        statistics={statistics}
        now={now}
        decimals={decimals}
        url={c.req.url}
      />
    </>,
    page,
  );
});

const MOST_SIMILAR = 5;

async function renderUnknown(c: Context<RouteEnv>, slug: string): Promise<Response> {
  const { sql, source } = c.env;
  // In slugs a dash stands for the slash of a pair, which is what a similar symbol is spelt with.
  const text = slug.replaceAll("-", "/").replace(/[^\w./:&]/g, "").slice(0, 40);
  const [similar, all] = await Promise.all([
    text === "" ? [] : searchInstruments(sql, source, text, MOST_SIMILAR),
    listInstruments(sql, source),
  ]);
  c.status(404);
  return c.render(<UnknownInstrument slug={slug} similar={similar} all={all} />, {
    title: "Unknown instrument",
    section: "market",
  });
}
