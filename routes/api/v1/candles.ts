/** `GET /api/v1/candles`: exact candles of one series. Described in docs/api.md. */
import { z } from "zod";
import { listCandles } from "../../../db/candles.ts";
import { CANDLE_QUERY, findInstrument } from "../../_candle_query.ts";
import { createRoute } from "../../_env.ts";
import { parseQuery, queryInteger } from "../../_query.ts";

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 5000;
const ACTION = "list candles";

const Query = z.object({
  ...CANDLE_QUERY,
  limit: queryInteger(1, MAX_LIMIT).default(DEFAULT_LIMIT),
});

export const GET = createRoute(async (c) => {
  const query = parseQuery(c.req.url, Query, ACTION);
  const { id, symbol, source } = await findInstrument(c, query, ACTION);
  const candles = await listCandles(c.env.sql, id, query.interval, query);
  return c.json({ symbol, source, interval: query.interval, candles });
});
