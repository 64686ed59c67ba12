import assert from "node:assert/strict";
import { listUnfinishedBackfills } from "../../db/backfills.ts";
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { type BackfillInput, runBackfill } from "../../etl/backfill.ts";
import { runEtl, type RunInput } from "../../etl/run.ts";
import type { FaultRates } from "../../simulator/faults.ts";
import { PROFILES } from "../../simulator/listings.ts";
import { Random } from "../../simulator/random.ts";
import { createServerDatabase, testWithServer } from "../support/databases.ts";
import {
  assertNothingHalfWritten,
  assertSameLines,
  candleLines,
  dependenciesOf,
} from "../support/loads.ts";
import { type Child, spawnScript } from "../support/processes.ts";
import { withDataDir } from "../support/temp.ts";

type Place = Parameters<typeof openDatabase>[0];

/** The more symbols, the longer a run takes: long enough to be hit in the middle. */
function inputOf(symbols: number): RunInput {
  return {
    trigger: "cron",
    symbols: PROFILES.slice(0, symbols).map(({ symbol }) => symbol),
    intervals: ["1h", "15min", "1day"],
  };
}

/** What a later run mends by itself, whatever was killed in between. */
const FAULTS: FaultRates = { "500": 0.1, cut_json: 0.1, nan: 0.1, wrong_types: 0.1, shuffled: 0.1 };

const START = Date.parse("2026-11-02T14:50:00Z");
const HOUR_MS = 3_600_000;

/** A process that is ready to run the ETL at an instant, and does so when it is told to. */
function spawnRun(place: Place, input: RunInput, now: Date, seed: number): Child {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return spawnScript(`
    import { runEtl } from ${url("../../etl/run.ts")};
    import { dependenciesOf } from ${url("../support/loads.ts")};
    import { makeGeneratedMarket } from ${url("../../simulator/generated_market.ts")};
    await signal();
    const database = await openDatabase(${JSON.stringify(place)});
    const deps = dependenciesOf(database, {
      now: () => new Date(${now.getTime()}),
      market: makeGeneratedMarket(1),
      faults: ${JSON.stringify(FAULTS)},
      seed: ${seed},
    });
    print("started");
    // The lock of the one before ends a moment after its process.
    while ((await runEtl(deps, ${JSON.stringify(input)})).status === "locked");
    print("ended");
    await signal();
  `);
}

/** Kills runs at these instants of the market's clock; answers how many had not ended by themselves. */
async function killRuns(
  place: Place,
  input: RunInput,
  instants: Date[],
  random: Random,
  longestMs: number,
): Promise<number> {
  let hits = 0;
  let next: Child | null = null;
  for (const [i, now] of instants.entries()) {
    const child: Child = next ?? spawnRun(place, input, now, i + 1);
    // Its successor gets ready meanwhile, and opens nothing before it is told to.
    next = instants[i + 1] ? spawnRun(place, input, instants[i + 1]!, i + 2) : null;
    await child.send("go");
    assert.equal(await child.nextValue(), "started");
    await new Promise((resolve) => setTimeout(resolve, random.uniform() * longestMs));
    child.kill("SIGKILL");
    if (await child.nextValue() === null) hits++;
    await child.finish();
    // A look at the embedded database would have to open it, and so repair what was left.
    if (place.databaseUrl !== undefined) await withDatabase(place, checkHalves);
  }
  return hits;
}

async function withDatabase<T>(place: Place, fn: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(place);
  try {
    return await fn(database);
  } finally {
    await database.close();
  }
}

/** What a killed run left: each step whole or not at all, and at most one run that seems to be under way. */
async function checkHalves({ sql }: Database): Promise<void> {
  await assertNothingHalfWritten(sql);
  assert.ok(await countRuns(sql, "running") <= 1);
}

/** Makes each write of candles last 5 ms, so that a kill often comes between it and the watermark's. */
async function slowDown({ sql }: Database): Promise<void> {
  await migrate(sql);
  await sql`
    create function public.dawdle() returns trigger language plpgsql
    as $$ begin perform pg_sleep(0.005); return null; end $$`;
  await sql`
    create trigger dawdle after insert on market.candles
    for each statement execute function public.dawdle()`;
}

async function countRuns(sql: Sql, status: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*) from market.runs where status = ${status}`;
  return row.count;
}

/** Kills runs, half of them in the first loads, and compares with a database that was never disturbed. */
async function survive(
  place: Place,
  undisturbed: Place,
  { kills, symbols, longestMs }: { kills: number; symbols: number; longestMs: number },
): Promise<void> {
  const input = inputOf(symbols);
  const load = (database: Database, now: Date) =>
    runEtl(dependenciesOf(database, { now: () => now }), input);
  const random = new Random(kills);
  const first = new Date(START);
  const firstKills = Math.floor(kills / 2);
  const later = Array.from(
    { length: kills - firstKills },
    (_, i) => new Date(START + (i + 1) * HOUR_MS),
  );
  const last = later.at(-1)!;
  const expected = await withDatabase(undisturbed, async (database) => {
    await migrate(database.sql);
    assert.equal((await load(database, first)).status, "ok");
    assert.equal((await load(database, last)).status, "ok");
    return await candleLines(database.sql);
  });
  await withDatabase(place, slowDown);

  let hits = await killRuns(place, input, Array(firstKills).fill(first), random, longestMs);
  await withDatabase(place, async (database) => {
    await checkHalves(database);
    await load(database, first);
  });
  hits += await killRuns(place, input, later, random, longestMs);
  await withDatabase(place, async (database) => {
    const { sql } = database;
    await checkHalves(database);
    assert.equal((await load(database, last)).status, "ok");
    await assertNothingHalfWritten(sql);
    assert.equal(await countRuns(sql, "running"), 0);
    assert.ok(await countRuns(sql, "interrupted") >= hits / 2, "runs were hit after their begin");
    assertSameLines(await candleLines(sql), expected, `After ${kills} kills`);
  });
  assert.ok(hits >= kills / 2, `only ${hits} of ${kills} runs were hit before their end`);
}

const HISTORY: BackfillInput = {
  symbols: ["BTC/USD"],
  intervals: ["5min"],
  from: new Date("2026-06-20T00:00:00Z"),
};
const HISTORY_NOW = new Date("2026-11-02T14:50:00Z");

/** A process that says where the backfill is, goes on with it, and says the end of each window it asks for. */
function spawnBackfill(place: Place): Child {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  return spawnScript(`
    import { listUnfinishedBackfills } from ${url("../../db/backfills.ts")};
    import { runBackfill } from ${url("../../etl/backfill.ts")};
    import { dependenciesOf } from ${url("../support/loads.ts")};
    await signal();
    const database = await openDatabase(${JSON.stringify(place)});
    const { sql } = database;
    // A server ends the last query of a killed process when it has done it.
    const isBusy = async () => (await sql\`
      select pid from pg_stat_activity
      where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
    \`).length > 0;
    while (database.kind === "server" && await isBusy());
    const [backfill] = await listUnfinishedBackfills(sql, "simulator");
    print(backfill?.reachedAt ?? null);
    const deps = dependenciesOf(database, { now: () => new Date(${HISTORY_NOW.getTime()}) });
    const provider = {
      ...deps.provider,
      fetchTimeSeries(symbol, request, options) {
        print(request.end);
        return deps.provider.fetchTimeSeries(symbol, request, options);
      },
    };
    const { from, ...watch } = ${JSON.stringify(HISTORY)};
    const history = { ...watch, from: new Date(from) };
    while ((await runBackfill({ ...deps, provider }, history)).status === "locked");
    await signal();
  `);
}

/** Kills a backfill at some of its pages, and watches that each process begins where the last one was. */
async function surviveBackfill(place: Place, undisturbed: Place, kills: number): Promise<void> {
  const random = new Random(kills);
  const deps = (database: Database) => dependenciesOf(database, { now: () => HISTORY_NOW });
  const begin = async (database: Database) => {
    await migrate(database.sql);
    await runEtl(deps(database), { ...HISTORY, trigger: "manual" });
  };
  const expected = await withDatabase(undisturbed, async (database) => {
    await begin(database);
    assert.equal((await runBackfill(deps(database), HISTORY)).status, "ok");
    return await candleLines(database.sql);
  });
  assert.ok(expected.length > 35_000, "seven pages of history");
  await withDatabase(place, begin);
  const reached = new Set<unknown>();
  for (let i = 0; i < kills; i++) {
    const child = spawnBackfill(place);
    await child.send("go");
    const reachedAt = await child.nextValue();
    reached.add(reachedAt);
    const firstEnd = await child.nextValue();
    // Both ends of a window count, hence a second less.
    if (reachedAt !== null) {
      assert.equal(Date.parse(String(firstEnd)) + 1000, Date.parse(String(reachedAt)));
    }
    if (random.uniform() < 0.5) await child.nextValue();
    await new Promise((resolve) => setTimeout(resolve, random.uniform() * 60));
    child.kill("SIGKILL");
    await child.finish();
  }
  assert.ok(reached.size >= 2, `it came forward: ${[...reached].join(", ")}`);
  await withDatabase(place, async (database) => {
    const { sql } = database;
    await assertNothingHalfWritten(sql);
    assert.equal((await runBackfill(deps(database), HISTORY)).status, "ok");
    assertSameLines(await candleLines(sql), expected);
    assert.deepEqual([...await listUnfinishedBackfills(sql, "simulator")], []);
  });
}

const onServer = (databaseUrl: string): Place => ({ databaseUrl, dataDir: "unused" });

testWithServer("50 runs killed at random moments leave what an undisturbed one does", async () => {
  const [databaseUrl, otherUrl] = [await createServerDatabase(), await createServerDatabase()];
  await survive(onServer(databaseUrl), onServer(otherUrl), {
    kills: 50,
    symbols: 30,
    longestMs: 200,
  });
});

Deno.test("20 runs killed at random moments leave what an undisturbed one does [PGlite]", () =>
  withDataDir((dataDir) =>
    withDataDir((otherDir) =>
      survive({ dataDir }, { dataDir: otherDir }, { kills: 20, symbols: 10, longestMs: 400 })
    )
  ));

testWithServer("A backfill that is killed goes on at the page where it was", async () => {
  const [databaseUrl, otherUrl] = [await createServerDatabase(), await createServerDatabase()];
  await surviveBackfill(onServer(databaseUrl), onServer(otherUrl), 3);
});

Deno.test("A backfill that is killed goes on at the page where it was [PGlite]", () =>
  withDataDir((dataDir) =>
    withDataDir((otherDir) => surviveBackfill({ dataDir }, { dataDir: otherDir }, 3))
  ));
