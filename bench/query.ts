/** What the questions of the site cost with up to 25 million candles, beside fetching 500 by their key. */
import { isDeepStrictEqual } from "node:util";
import { listCandles } from "../db/candles.ts";
import { openDatabase, type Sql } from "../db/connect.ts";
import { migrate } from "../db/migrate.ts";
import type { Interval } from "../market/interval.ts";
import { startPostgres } from "../tests/support/postgres.ts";
import { median, percentile, printTarget, timeMs } from "./measure.ts";
import { writePerformancePage } from "./performance_page.ts";
import { explain, type Plan, unboundedScans } from "./query_plans.ts";
import {
  fetchByKey,
  listQuestions,
  listSeries,
  PAGE,
  pick,
  type Question,
  rollUpMinutes,
  type Series,
} from "./questions.ts";
import { growTo, type Size, SIZES, storeInstruments } from "./stored_candles.ts";

const SETTINGS = {
  shared_buffers: "512MB",
  max_wal_size: "8GB",
  checkpoint_timeout: "1h",
  // It would work beside one of the two.
  autovacuum: "off",
};

const WARM_UPS = 10;
const ROLLUP_ROUNDS = 3;
/** A question that is this slow misses its target however often it is asked. */
const LONGEST_MS = 20_000;
const LEAST_ROUNDS = 10;
/** A page of these is made of half a year of minutes, of 16 months and of almost ten years. */
const ROLLUP_INTERVALS = ["8h", "1day", "1week"] as const;

/**
 * What a question costs in yardsticks of the same rounds: its 95th percentile over theirs, its median
 * over theirs. The greater of the two counts, as a busy machine makes the former of everything short great.
 */
export interface Cost {
  size: Size;
  question: Question;
  p95: number;
  median: number;
}

/** How many times longer it takes to make a page of candles of minutes than to read it. */
export interface RollupCost {
  interval: Interval;
  minutes: number;
  timesSlower: number;
}

/** The plans of a question. */
export interface Explained {
  name: string;
  plans: Plan[];
}

/** Prints what every question costs at every size; with `--write` docs/performance.md tells of this run. */
export async function benchQuery(args: string[]): Promise<void> {
  const server = await startPostgres({ settings: SETTINGS });
  try {
    const databaseUrl = await server.createDatabase("bench");
    const settings = Object.entries(SETTINGS).map(([name, value]) => `${name} ${value}`);
    const setup = `${server.name}, fsync off, ${settings.join(", ")}`;
    console.log(setup);
    await withDatabase(databaseUrl, async (sql) => {
      await migrate(sql);
      await storeInstruments(sql);
    });
    const costs: Cost[] = [];
    let series: Series[] = [];
    let stored = "";
    for (const size of SIZES) {
      stored = await grow(databaseUrl, size);
      // The same series at each size: every one that is long enough at the smallest.
      if (size === SIZES[0]) series = await withDatabase(databaseUrl, listSeries);
      costs.push(...await withDatabase(databaseUrl, (sql) => measure(sql, size, series)));
    }
    printGrowth(costs);
    const rollupCosts = await withDatabase(databaseUrl, measureRollups);
    const explained = await explainAll(databaseUrl, series);
    if (args.includes("--write")) {
      await writePerformancePage({ setup, stored, costs, rollupCosts, explained });
    }
  } finally {
    await server.stop();
  }
}

/** Each part over connections of its own, which have no plans for tables as they were before. */
async function withDatabase<T>(databaseUrl: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const database = await openDatabase({ databaseUrl, dataDir: "unused" });
  try {
    return await work(database.sql);
  } finally {
    await database.close();
  }
}

/** @returns what is stored then. */
async function grow(databaseUrl: string, size: Size): Promise<string> {
  const begin = performance.now();
  const { candles, rollups, bytes } = await withDatabase(databaseUrl, (sql) => growTo(sql, size));
  const seconds = Math.round((performance.now() - begin) / 1000);
  const [storedMillions, rolledUpMillions] = [candles, rollups].map((n) => (n / 1e6).toFixed(1));
  const stored =
    `${storedMillions} million candles and ${rolledUpMillions} million rolled up from ` +
    `them, ${(bytes / 1e9).toFixed(1)} GB`;
  console.log(`## ${size}: ${stored}, after ${seconds} s`);
  return stored;
}

async function measure(sql: Sql, size: Size, series: Series[]): Promise<Cost[]> {
  const fetched = series.filter(({ isFetched }) => isFetched);
  const costs: Cost[] = [];
  const yardsticksMs: number[] = [];
  for (const question of listQuestions(series)) {
    const times = { yardstick: [] as number[], question: [] as number[] };
    const end = performance.now() + LONGEST_MS;
    // One after the other in each round, so that noise meets both.
    for (let round = 0; round < WARM_UPS + question.rounds; round++) {
      if (round >= WARM_UPS + LEAST_ROUNDS && performance.now() > end) break;
      const yardstickMs = await timeMs(() => fetchByKey(sql, pick(fetched, round)));
      const questionMs = await timeMs(() => question.ask(sql, round));
      if (round < WARM_UPS) continue;
      times.yardstick.push(yardstickMs);
      times.question.push(questionMs);
    }
    yardsticksMs.push(...times.yardstick);
    costs.push({
      size,
      question,
      p95: percentile(times.question, 95) / percentile(times.yardstick, 95),
      median: median(times.question) / median(times.yardstick),
    });
  }
  console.log(`the yardstick: ${median(yardsticksMs).toFixed(2)} ms`);
  const pages = costs.filter(({ question }) => question.isPage);
  const others = costs.filter(({ question }) => !question.isPage);
  const slowest = pages.toSorted((a, b) => greaterOf(a) - greaterOf(b)).at(-1)!;
  for (const cost of [slowest, ...others]) {
    const { question, p95, median } = cost;
    const what = `${question.name} (${p95.toFixed(2)}, ${median.toFixed(2)})`;
    printTarget(question.isPage ? `slowest page: ${what}` : what, greaterOf(cost), question);
  }
  return costs;
}

function greaterOf({ p95, median }: Cost): number {
  return Math.max(p95, median);
}

function printGrowth(costs: Cost[]): void {
  const [least, most] = [SIZES[0], SIZES.at(-1)].map((size) => {
    const pages = costs.filter((cost) => cost.size === size && cost.question.isPage);
    return median(pages.map((cost) => cost.median));
  });
  printTarget(`a page of candles, ${SIZES.at(-1)} / ${SIZES[0]}`, most! / least!, { atMost: 1.25 });
}

/** Of an instrument that has nothing but minutes. */
async function measureRollups(sql: Sql): Promise<RollupCost[]> {
  const [{ instrumentId }] = await sql<[{ instrumentId: number }]>`
    select instrument_id from market.watermarks
    group by instrument_id having array_agg(candle_interval::text) = '{1min}'
    order by instrument_id limit 1`;
  const costs: RollupCost[] = [];
  for (const interval of ROLLUP_INTERVALS) {
    const stored = await listCandles(sql, instrumentId, interval, { limit: PAGE });
    const from = stored[0]!.openedAt;
    const rolledUp = await rollUpMinutes(sql, { instrumentId, interval, from });
    const known = stored.map(({ isFinal: _, ...candle }) => candle);
    if (!isDeepStrictEqual([...rolledUp], known)) {
      throw new Error(`The candles of ${interval} that are stored are not those of the minutes`);
    }
    const times = { stored: [] as number[], rolledUp: [] as number[] };
    for (let round = 0; round < ROLLUP_ROUNDS; round++) {
      times.stored.push(
        await timeMs(() => listCandles(sql, instrumentId, interval, { limit: PAGE })),
      );
      times.rolledUp.push(
        await timeMs(() => rollUpMinutes(sql, { instrumentId, interval, from })),
      );
    }
    const [{ minutes }] = await sql<[{ minutes: number }]>`
      select count(*) as minutes from market.candles
      where instrument_id = ${instrumentId} and candle_interval = '1min' and opened_at >= ${from}`;
    const timesSlower = median(times.rolledUp) / median(times.stored);
    costs.push({ interval, minutes, timesSlower });
    console.log(
      `last ${PAGE} of ${interval}, rolled up from ${minutes} minutes when asked for: ` +
        `${Math.round(timesSlower)} times slower`,
    );
  }
  return costs;
}

/** Prints which question reads a whole table; then the exit code of the process is 1. */
async function explainAll(databaseUrl: string, series: Series[]): Promise<Explained[]> {
  const fetched = series.find(({ isFetched }) => isFetched)!;
  const explained = [{
    name: "the yardstick",
    plans: await explain(databaseUrl, (sql) => fetchByKey(sql, fetched)),
  }];
  for (const { name, ask } of listQuestions(series)) {
    explained.push({ name, plans: await explain(databaseUrl, (sql) => ask(sql, 0)) });
  }
  for (const { name, plans } of explained) {
    for (const scan of unboundedScans(plans)) {
      console.log(`${name} reads a whole table: ${scan}`);
      Deno.exitCode = 1;
    }
  }
  return explained;
}
