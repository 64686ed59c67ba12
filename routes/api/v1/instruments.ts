/** `GET /api/v1/instruments`: everything that has candles. Described in docs/api.md. */
import { z } from "zod";
import { listInstruments } from "../../../db/instruments.ts";
import { createRoute } from "../../_env.ts";
import { parseQuery } from "../../_query.ts";

export const GET = createRoute(async (c) => {
  parseQuery(c.req.url, z.object({}), "list instruments");
  const instruments = await listInstruments(c.env.sql, c.env.source);
  return c.json({
    instruments: instruments.map(({ id: _, ...instrument }) => instrument),
  });
});
