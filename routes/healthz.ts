/** `GET /healthz`: 200 while the database answers, 503 when it does not. */
import { getLogger } from "@logtape/logtape";
import { explainDatabaseError } from "../db/errors.ts";
import { listRuns } from "../db/runs.ts";
import { createRoute } from "./_env.ts";

/** A probe that hangs tells its caller nothing. */
const TIMEOUT_MS = 3000;

export const GET = createRoute(async (c) => {
  c.header("Cache-Control", "no-store");
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([
      listRuns(c.env.sql, c.env.source, 1),
      new Promise((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`Cannot reach the database within ${TIMEOUT_MS} ms`)),
          TIMEOUT_MS,
        );
      }),
    ]);
    return c.json({ status: "ok" });
  } catch (error) {
    getLogger(["chandlery", "site"]).error("Health check failed: {reason}", {
      reason: explainDatabaseError(error)?.message ?? error,
    });
    return c.json({ status: "unavailable" }, 503);
  } finally {
    clearTimeout(timer);
  }
});
