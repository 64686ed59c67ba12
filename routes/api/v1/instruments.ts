/** `GET /api/v1/instruments`: what has candles, or what a text may mean. Described in docs/api.md. */
import { z } from "zod";
import { searchInstruments } from "../../../db/instrument_search.ts";
import { listInstruments } from "../../../db/instruments.ts";
import { createRoute } from "../../_env.ts";
import { invalidQuery, parseQuery, queryInteger } from "../../_query.ts";
import { SearchText } from "../../_search.ts";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const ACTION = "list instruments";

const Query = z.object({
  search: SearchText.optional(),
  limit: queryInteger(1, MAX_LIMIT).optional(),
});

export const GET = createRoute(async (c) => {
  const { search, limit } = parseQuery(c.req.url, Query, ACTION);
  const { sql, source } = c.env;
  if (search === undefined && limit !== undefined) {
    throw invalidQuery(ACTION, "limit", "limit must come with a search", `${limit}`);
  }
  const instruments = search === undefined
    ? await listInstruments(sql, source)
    : (await searchInstruments(sql, source, search, limit ?? DEFAULT_LIMIT))
      .map(({ isExact: _, ...instrument }) => instrument);
  return c.json({ instruments: instruments.map(({ id: _, ...instrument }) => instrument) });
});
