/** `GET /api/v1/runs/latest`: the newest run, and those under way. Described in docs/api.md. */
import { z } from "zod";
import { getProgress } from "../../../../db/run_progress.ts";
import { createRoute } from "../../../_env.ts";
import { parseQuery } from "../../../_query.ts";
import { describeProgress } from "../../../_run_state.ts";

export const GET = createRoute(async (c) => {
  parseQuery(c.req.url, z.object({}), "tell the latest run");
  const { sql, source } = c.env;
  const progress = await getProgress(sql, source);
  c.header("Cache-Control", "no-store");
  return c.json({ source, ...describeProgress(progress, c.env.now()) });
});
