/** What the site answers in a second, beside a server that says hello. */
import { findPostgres, type PostgresServer, startPostgres } from "../tests/support/postgres.ts";
import { API, PAGES } from "../tests/support/pages.ts";
import { buildSite } from "../tests/support/site.ts";
import { type Load, loadAddress } from "./http_load.ts";
import { median, printTarget, timeMs } from "./measure.ts";
import { writeSiteSection } from "./performance_page.ts";
import { type Served, serveScript } from "./served.ts";

const ROUNDS = 5;
const LOAD_MS = 1500;
const HELLO_MS = 1000;
const WARM_UP_MS = 500;
/** Longer than the site keeps an answer. */
const FORGOTTEN_MS = 2500;
const TARGET = 0.15;

/** One page, in medians of the rounds. */
export interface PageSpeed extends Load {
  path: string;
  /** Its requests per second over those of the hello that was measured right before. */
  ratio: number;
  /** The first answer after the last one was forgotten: queries and render. */
  madeMs: number;
}

/** Prints each page's speed; with `--write` docs/performance.md tells of this run. */
export async function benchSite(args: string[]): Promise<void> {
  await buildSite();
  const postgres = findPostgres() ? await startPostgres() : null;
  const folder = await Deno.makeTempDir({ prefix: "chandlery-bench-" });
  const open: Served[] = [];
  try {
    const hello = await serveScript("bench/hello.ts");
    open.push(hello);
    const site = await serveFilled(folder, postgres);
    open.push(site);
    const setup = `${postgres?.name ?? "PGlite"}, the default watchlist as a first start fills it`;
    console.log(setup);
    const speeds = await measure(hello.baseUrl, site.baseUrl);
    for (const speed of speeds) print(speed);
    if (args.includes("--write")) await writeSiteSection(setup, speeds);
  } finally {
    for (const served of open) await served.stop();
    await postgres?.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The program itself with its default settings, once its first run has filled the database. */
async function serveFilled(folder: string, postgres: PostgresServer | null): Promise<Served> {
  const site = await serveScript("main.ts", {
    DATA_DIR: folder,
    DATABASE_URL: await postgres?.createDatabase("bench") ?? "",
    PORT: "0",
    TWELVE_DATA_API_KEY: "",
  });
  await site.waitFor(/Run \d+: ok/);
  return site;
}

async function measure(helloUrl: string, siteUrl: string): Promise<PageSpeed[]> {
  const paths: string[] = [...PAGES, ...API];
  const addressOf = (path: string) => new URL(path, siteUrl).href;
  const rounds = new Map(
    paths.map((path) => [path, { loads: [] as Load[], ratios: [] as number[] }]),
  );
  const madeMs = new Map(paths.map((path) => [path, [] as number[]]));
  // What is loaded and compiled at the first request is not what a page costs.
  for (const url of [helloUrl, ...paths.map(addressOf)]) await loadAddress(url, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++) {
    await new Promise((resolve) => setTimeout(resolve, FORGOTTEN_MS));
    for (const path of paths) {
      madeMs.get(path)!.push(
        await timeMs(async () => {
          await (await fetch(addressOf(path))).arrayBuffer();
        }),
      );
    }
    // One after the other in each round, so that noise meets both.
    for (const path of paths) {
      const hello = await loadAddress(helloUrl, HELLO_MS);
      const load = await loadAddress(addressOf(path), LOAD_MS);
      const { loads, ratios } = rounds.get(path)!;
      loads.push(load);
      ratios.push(load.requestsPerSecond / hello.requestsPerSecond);
    }
  }
  return paths.map((path) => {
    const { loads, ratios } = rounds.get(path)!;
    return {
      path,
      ratio: median(ratios),
      madeMs: median(madeMs.get(path)!),
      requestsPerSecond: median(loads.map((load) => load.requestsPerSecond)),
      p50Ms: median(loads.map((load) => load.p50Ms)),
      p99Ms: median(loads.map((load) => load.p99Ms)),
    };
  });
}

function print({ path, ratio, requestsPerSecond, p50Ms, p99Ms, madeMs }: PageSpeed): void {
  printTarget(path, ratio, { atLeast: TARGET });
  console.log(
    `${" ".repeat(4)}${requestsPerSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(1)} ms, ` +
      `p99 ${p99Ms.toFixed(1)} ms, made in ${madeMs.toFixed(0)} ms`,
  );
}
