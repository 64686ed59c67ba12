/** What an address that no route knows becomes. */
import type { Context } from "hono";
import type { RouteEnv } from "./_env.ts";
import { isApi, problemJson } from "./_error.tsx";

/** The 404 page, or JSON under `/api`. */
export function renderNotFound(c: Context<RouteEnv>): Response | Promise<Response> {
  if (isApi(c)) {
    return problemJson(c, 404, {
      code: "not_found",
      message: `Cannot find a route as docs/api.md names every one: current value is ${c.req.path}`,
    });
  }
  c.status(404);
  return c.render(
    <section class="card empty">
      <h1>There is no such page</h1>
      <p>
        Nothing lives at <code>{c.req.path}</code>.
      </p>
      <p>
        <a class="button" href="/">See all instruments</a>
        <a class="button" href="/pipeline">See the pipeline</a>
      </p>
    </section>,
    { title: "Not found" },
  );
}
