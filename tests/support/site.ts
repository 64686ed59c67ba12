/** The built site over a real database, for the tests of pages, of the API and of the browser. */
import { type Database, openDatabase } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import type { SiteEnv } from "../../routes/_env.ts";
import type { CacheOptions } from "../../routes/_page_cache.ts";
import { fillDatabase, NOW } from "./fill.ts";
import { copyEmptyCluster } from "./temp.ts";

export { fillDatabase, NOW, SYMBOLS } from "./fill.ts";

const ROOT = new URL("../../", import.meta.url);
const BUNDLE = new URL("dist/server/app.mjs", ROOT);

/**
 * The site as a request handler; its sources are built first when they are newer than the bundle. Every
 * answer is made anew unless `cache` says otherwise.
 */
export async function openSite(
  env: Partial<SiteEnv> & Pick<SiteEnv, "sql">,
  cache: CacheOptions = { lifetimeMs: 0 },
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  await buildSite();
  const { createSite }: typeof import("../../app.ts") = await import(BUNDLE.href);
  const handle = createSite({
    source: "simulator",
    now: () => NOW,
    sourceNote: "simulated, as TWELVE_DATA_API_KEY is not set.",
    creditPlan: null,
    estimateEnd: null,
    schedule: null,
    isAdmin: () => Promise.resolve(false),
    ...env,
  }, cache);
  return (path, init) => handle(new Request(new URL(path, "http://site.test"), init));
}

/** A filled site on a socket, as a person's browser meets it. */
export interface ServedSite {
  baseUrl: string;
  database: Database;
  close(): Promise<void>;
}

/** Fills an embedded database of its own as a first start does, and serves the site over it. */
export function serveFilledSite(env: Partial<SiteEnv> = {}): Promise<ServedSite> {
  return serveSite(fillDatabase, env);
}

/** Serves the site on a free port, over an embedded database of its own that `fill` fills. */
export async function serveSite(
  fill: (database: Database) => Promise<void>,
  env: Partial<SiteEnv> = {},
): Promise<ServedSite> {
  const dataDir = await Deno.makeTempDir({ prefix: "chandlery-site-" });
  await copyEmptyCluster(dataDir);
  const database = await openDatabase({ dataDir });
  await migrate(database.sql);
  await fill(database);
  const site = await openSite({ sql: database.sql, ...env });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers, body } = request;
      return site(pathname + search, { method, headers, body });
    },
  );
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    database,
    async close() {
      await server.shutdown();
      await database.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

/** Builds the site when its sources are newer than the bundle. */
export async function buildSite(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "build.ts", "--if-stale"],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot build the site:\n${new TextDecoder().decode(stderr)}`);
}
