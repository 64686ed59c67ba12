/** The built site over a real database, for the tests of pages, of the API and of the browser. */
import { type Database, openDatabase } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { createUnlimitedCredits } from "../../etl/credits.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { runEtl } from "../../etl/run.ts";
import type { SiteEnv } from "../../routes/_env.ts";
import { createSimulator } from "../../simulator/simulator.ts";

/** A Friday afternoon on which every market is open. */
export const NOW = new Date("2026-11-20T18:20:00Z");

/** The default watchlist. */
export const SYMBOLS = [
  "AAPL",
  "GOOGL",
  "AMZN",
  "META",
  "BTC/USD",
  "ETH/USD",
  "SOL/USD",
  "EUR/USD",
];

const ROOT = new URL("../../", import.meta.url);
const BUNDLE = new URL("dist/server/app.mjs", ROOT);

/** The site as a request handler; its sources are built first when they are newer than the bundle. */
export async function openSite(
  env: Partial<SiteEnv> & Pick<SiteEnv, "sql">,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  await buildSite();
  const { createSite }: typeof import("../../app.ts") = await import(BUNDLE.href);
  const handle = createSite({
    source: "simulator",
    now: () => NOW,
    sourceNote: "simulated, as TWELVE_DATA_API_KEY is not set.",
    creditPlan: null,
    estimateEnd: null,
    isAdmin: () => Promise.resolve(false),
    ...env,
  });
  return (path, init) => handle(new Request(new URL(path, "http://site.test"), init));
}

/** One real run of the ETL against the simulator: what a first start stores. */
export async function fillDatabase(database: Database): Promise<void> {
  const now = () => NOW;
  const credits = createUnlimitedCredits();
  const provider = createTwelveDataClient({
    baseUrl: "https://api.twelvedata.com",
    source: "simulator",
    fetch: createSimulator({ now }).fetch,
    credits,
  });
  const report = await runEtl(
    { database, provider, source: "simulator", credits, now },
    { trigger: "start", symbols: SYMBOLS, intervals: ["1h", "1day"] },
  );
  if (report.status !== "ok") throw new Error(`Cannot fill the database: ${report.status}`);
}

/** A filled site on a socket, as a person's browser meets it. */
export interface ServedSite {
  baseUrl: string;
  database: Database;
  close(): Promise<void>;
}

/** Fills an embedded database of its own as a first start does, and serves the site over it. */
export function serveFilledSite(): Promise<ServedSite> {
  return serveSite(fillDatabase);
}

/** Serves the site on a free port, over an embedded database of its own that `fill` fills. */
export async function serveSite(
  fill: (database: Database) => Promise<void>,
): Promise<ServedSite> {
  const dataDir = await Deno.makeTempDir({ prefix: "chandlery-site-" });
  const database = await openDatabase({ dataDir });
  await migrate(database.sql);
  await fill(database);
  const site = await openSite({ sql: database.sql });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      return site(pathname + search, { method: request.method, headers: request.headers });
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
