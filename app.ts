/** The site: HonoX's routes, the built assets, and what an error becomes. */
import { Hono } from "hono";
import { serveStatic } from "hono/deno";
import { trimTrailingSlash } from "hono/trailing-slash";
import { createApp } from "honox/server";
import type { RouteEnv, SiteEnv } from "./routes/_env.ts";
import { cacheAnswers, type CacheOptions } from "./routes/_page_cache.ts";
import { renderError } from "./routes/_error.tsx";
import { renderNotFound } from "./routes/_404.tsx";
import { readsOnly, securityHeaders } from "./routes/_security.ts";
import renderer from "./routes/_renderer.tsx";

type Routes = NonNullable<Parameters<typeof createApp<RouteEnv>>[0]>["ROUTES"];

const app = new Hono<RouteEnv>();
// An error is answered with a page or JSON too, so these wrap everything, the assets included.
app.use(securityHeaders, renderer, readsOnly, trimTrailingSlash());

if (import.meta.env.PROD) {
  // dist/client lies next to dist/server. Names carry a hash of the content: they never go stale.
  app.get(
    "/static/*",
    serveStatic({
      root: `${import.meta.dirname}/../client`,
      onFound: (_path, c) => c.header("Cache-Control", "public, max-age=31536000, immutable"),
    }),
  );
}

createApp<RouteEnv>({
  app,
  root: "/routes",
  ROUTES: import.meta.glob<NonNullable<Routes>[string]>(
    ["/routes/**/*.{ts,tsx}", "!/routes/**/_*"],
    {
      eager: true,
    },
  ),
  // HonoX replaces every 404, the API's included, so app.ts answers these itself.
  RENDERER: {},
  MIDDLEWARE: {},
  NOT_FOUND: {},
  ERROR: {},
});

app.notFound(renderNotFound);
app.onError(renderError);

/** For Vite's development server, which passes a {@linkcode SiteEnv} as the second argument of `fetch`. */
export default app;

/**
 * The site as a request handler for `Deno.serve` and for tests; it serves the hashed assets of
 * `dist/client` too. It writes nothing to disk, and keeps nothing but answers as `cache` says.
 */
export function createSite(
  env: SiteEnv,
  cache: CacheOptions,
): (request: Request) => Promise<Response> {
  return cacheAnswers(async (request) => await app.fetch(request, env), cache);
}
