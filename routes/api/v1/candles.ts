/** `GET /api/v1/candles`: exact candles of one series. Described in docs/api.md. */
import { z } from "zod";
import { listCandles } from "../../../db/candles.ts";
import { getInstrumentBySymbol } from "../../../db/instruments.ts";
import { Symbol } from "../../../market/instrument.ts";
import { createRoute } from "../../_env.ts";
import { HttpProblem } from "../../_problem.ts";
import {
  invalidQuery,
  parseQuery,
  QueryInstant,
  queryInteger,
  QueryInterval,
} from "../../_query.ts";

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 5000;
const ACTION = "list candles";

const Query = z.object({
  symbol: Symbol,
  interval: QueryInterval,
  from: QueryInstant.optional(),
  to: QueryInstant.optional(),
  limit: queryInteger(1, MAX_LIMIT).default(DEFAULT_LIMIT),
});

export const GET = createRoute(async (c) => {
  const { symbol, interval, from, to, limit } = parseQuery(c.req.url, Query, ACTION);
  if (from && to && from >= to) {
    throw invalidQuery(ACTION, "from", "from must be before to", c.req.query("from"));
  }
  const instrument = await getInstrumentBySymbol(c.env.sql, c.env.source, symbol);
  if (instrument === null) {
    throw new HttpProblem(404, {
      code: "unknown_symbol",
      message:
        `Cannot ${ACTION} as symbol must be one that /api/v1/instruments lists: current value is ${
          JSON.stringify(symbol)
        }`,
      field: "symbol",
      value: symbol,
    });
  }
  const candles = await listCandles(c.env.sql, instrument.id, interval, { from, to, limit });
  return c.json({ symbol: instrument.symbol, source: instrument.source, interval, candles });
});
