/** `GET /api/v1/chart`: a page of a price chart, as columns of floats. Described in docs/api.md. */
import type { Context } from "hono";
import { z } from "zod";
import { getChartPage, INDICATOR_COLUMNS } from "../../../db/chart.ts";
import { getInstrumentBySymbol } from "../../../db/instruments.ts";
import { type Instrument, Symbol } from "../../../market/instrument.ts";
import { isDateInterval } from "../../../market/interval.ts";
import { createRoute, type RouteEnv } from "../../_env.ts";
import { HttpProblem } from "../../_problem.ts";
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
  const instrument = await findInstrument(c, "symbol", query.symbol);
  const compared = query.compare === undefined
    ? null
    : await findInstrument(c, "compare", query.compare);
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

async function findInstrument(
  c: Context<RouteEnv>,
  field: string,
  symbol: string,
): Promise<Instrument> {
  const instrument = await getInstrumentBySymbol(c.env.sql, c.env.source, symbol);
  if (instrument !== null) return instrument;
  throw new HttpProblem(404, {
    code: "unknown_symbol",
    message:
      `Cannot ${ACTION} as ${field} must be one that /api/v1/instruments lists: current value is ${
        JSON.stringify(symbol)
      }`,
    field,
    value: symbol,
  });
}
