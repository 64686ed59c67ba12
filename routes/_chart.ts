/** What the price chart of an instrument's page begins with. */
import { getChartPage, getOldestOpen, listAdjustedCandles } from "../db/chart.ts";
import { listInstruments } from "../db/instruments.ts";
import type { ChartView } from "../islands/chart_view.ts";
import type { Page } from "../islands/price_chart/columns.ts";
import { columnsOf, shownIndicators } from "../islands/price_chart/lines.ts";
import { offeredRanges, type RangeName } from "../islands/price_chart/ranges.ts";
import type { Candle } from "../market/candle.ts";
import type { Instrument } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import type { SiteEnv } from "./_env.ts";
import { invalidQuery } from "./_query.ts";

/** Candles that come along with the page; the chart asks for older ones as it needs them. */
const FIRST_CANDLES = 750;
/** With many indicators there are fewer, so that the page stays light. */
const FIRST_VALUES = 6000;
const CANDLE_COLUMNS = 6;
/** For the table, and to tell how many digits the prices have. */
const TOLD_CANDLES = 200;

export interface ChartData {
  view: ChartView;
  first: Page;
  ranges: RangeName[];
  /** Everything that the instrument can be compared with. */
  others: Instrument[];
  /** The newest candles, exact. */
  candles: Candle[];
}

/**
 * The first page of the chart with what the view needs.
 *
 * @throws {HttpProblem} 400 when the instrument to compare with is none of the others.
 */
export async function loadChart(
  { sql, source, now }: SiteEnv,
  instrument: Instrument,
  interval: Interval,
  view: ChartView,
): Promise<ChartData> {
  const others = (await listInstruments(sql, source)).filter(({ id }) => id !== instrument.id);
  const compared = others.find(({ slug }) => slug === view.compare);
  if (view.compare !== null && compared === undefined) {
    const rule = "compare must be the slug of another instrument of this site";
    throw invalidQuery("show the instrument", "compare", rule, view.compare);
  }
  // Without a volume the column is null anyway, and never drawn.
  const indicators = columnsOf(shownIndicators(view, !isDateInterval(interval)));
  const columns = CANDLE_COLUMNS + indicators.length + (compared ? 1 : 0);
  const limit = Math.min(FIRST_CANDLES, Math.floor(FIRST_VALUES / columns));
  const [page, candles, oldest] = await Promise.all([
    getChartPage(sql, instrument.id, interval, {
      before: now(),
      limit,
      indicators,
      comparedId: compared?.id,
    }),
    listAdjustedCandles(sql, instrument.id, interval, { to: now(), limit: TOLD_CANDLES }),
    getOldestOpen(sql, instrument.id, interval),
  ]);
  const newest = page.times.at(-1);
  const ranges = newest === undefined || oldest === null ? [] : offeredRanges({
    oldest: oldest.getTime() / 1000,
    newest,
    pageCandles: page.times.length,
    pageOldest: page.times[0]!,
  });
  return { view, first: { ...page, indicators: { ...page.indicators } }, ranges, others, candles };
}
