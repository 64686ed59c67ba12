/** `GET /api/v1/chart`: a page of a price chart, as columns of floats. Described in docs/api.md. */
import { z } from "zod";
import { getChartPage, INDICATOR_COLUMNS } from "../../../db/chart.ts";
import { Symbol } from "../../../market/instrument.ts";
import { isDateInterval } from "../../../market/interval.ts";
import { findInstrument } from "../../_candle_query.ts";
import { createRoute } from "../../_env.ts";
import {
  invalidQuery,
  parseQuery,
  QueryInstant,
  queryInteger,
  QueryInterval,
} from "../../_query.ts";

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
const ACTION = "chart candles";

const Indicators = z.string().transform((text, context) => {
  const names = [...new Set(text.split(",").filter((name) => name !== ""))];
  const unknown = names.find((name) => !z.enum(INDICATOR_COLUMNS).safeParse(name).success);
  if (unknown !== undefined) {
    const known = INDICATOR_COLUMNS.join(", ");
    context.addIssue(`must be names of ${known}, separated by commas`);
  }
  return names as (typeof INDICATOR_COLUMNS)[number][];
});

const Query = z.object({
  symbol: Symbol,
  interval: QueryInterval,
  before: QueryInstant.optional(),
  limit: queryInteger(1, MAX_LIMIT).default(DEFAULT_LIMIT),
  indicators: Indicators.default([]),
  compare: Symbol.optional(),
});

export const GET = createRoute(async (c) => {
  const query = parseQuery(c.req.url, Query, ACTION);
  const { interval, before, limit, indicators } = query;
  if (indicators.includes("vwap") && isDateInterval(interval)) {
    const rule = "indicators must name vwap for intervals below a day only";
    throw invalidQuery(ACTION, "indicators", rule, c.req.query("indicators"));
  }
  const instrument = await findInstrument(c, { symbol: query.symbol }, ACTION);
  const compared = query.compare === undefined
    ? null
    : await findInstrument(c, { symbol: query.compare }, ACTION, "compare");
  const page = await getChartPage(c.env.sql, instrument.id, interval, {
    before,
    limit,
    indicators,
    comparedId: compared?.id,
  });
  return c.json({
    symbol: instrument.symbol,
    source: instrument.source,
    interval,
    compare: compared?.symbol ?? null,
    ...page,
  });
});
