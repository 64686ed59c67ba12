import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { listCandles } from "../../db/candles.ts";
import { openDatabase, type Sql } from "../../db/connect.ts";
import { listInstruments } from "../../db/instruments.ts";
import { listRuns } from "../../db/runs.ts";
import { normalizeCandles } from "../../etl/normalize.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import type { Interval } from "../../market/interval.ts";
import { sessionOf } from "../../market/session.ts";
import { serveSimulator } from "../../simulator/serve.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import {
  type Environment,
  HAS_TERMINAL,
  onlyErrorLine,
  startEtl,
  startOnTerminal,
  startSite,
  startTask,
} from "../support/chandlery.ts";
import { createServerDatabase, testWithServer } from "../support/databases.ts";
import { type SmallDisk, testWithSmallDisk } from "../support/small_disk.ts";
import { copyEmptyCluster, withTempDir } from "../support/temp.ts";

const SIMULATED = "the simulator's answers are a pure function of seed, symbol and time";

/** Every series has its 30 days or 2 years, and each final candle is the one the simulator answers. */
async function assertComplete(sql: Sql): Promise<void> {
  const now = new Date();
  const provider = createTwelveDataClient({
    baseUrl: "https://api.twelvedata.com",
    source: "simulator",
    fetch: createSimulator({ now: () => now }).fetch,
  });
  const instruments = await listInstruments(sql, "simulator");
  assert.equal(instruments.length, 8);
  for (const { id, symbol, kind, exchangeTimezone } of instruments) {
    for (const [interval, least] of [["1h", 720], ["1day", 731]] as [Interval, number][]) {
      const stored = (await listCandles(sql, id, interval, { limit: 5000 })).filter((c) =>
        c.isFinal
      );
      assert.ok(stored.length >= least - 1, `${symbol} ${interval}: ${stored.length} candles`);
      const start = stored[0]!.openedAt;
      const page = await provider.fetchTimeSeries(symbol, {
        interval,
        start,
        end: stored.at(-1)!.openedAt,
        outputSize: 5000,
      });
      const session = sessionOf(kind, exchangeTimezone);
      const { candles } = normalizeCandles(page.rows, { interval, session, asOf: now, start });
      assert.deepEqual(
        stored,
        candles.slice(0, stored.length).map((candle) => ({ ...candle, rolledUpFrom: null })),
        `${symbol} ${interval}: ${SIMULATED}`,
      );
    }
  }
}

/** A folder to start in, where the cluster of the database has been made before. */
function withStartFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  return withTempDir(async (folder) => {
    await copyEmptyCluster(`${folder}/data`);
    await fn(folder);
  });
}

async function withDatabase(env: Environment, folder: string, fn: (sql: Sql) => Promise<void>) {
  const database = await openDatabase({ databaseUrl: env.DATABASE_URL, dataDir: `${folder}/data` });
  try {
    await fn(database.sql);
  } finally {
    await database.close();
  }
}

Deno.test("A first start fills, says what, where and why, and Ctrl-C ends it cleanly", async () => {
  await withTempDir(async (folder) => {
    {
      await using site = startSite(folder, {});
      const address = await site.waitForAddress();
      assert.match(site.output, /simulated, as TWELVE_DATA_API_KEY is not set/);
      assert.match(site.output, new RegExp(`PGlite in ${folder}/data`));
      await site.waitFor(/Loading 3\/16 META 1h/);
      await site.waitFor(/Run 1: ok, 1\d{4} new candles/);
      const page = await (await fetch(`${address}/`)).text();
      assert.match(page, /AAPL/);
      // A terminal's Ctrl-C arrives twice: from it, and passed on by `deno task`.
      site.kill("SIGINT");
      site.kill("SIGINT");
      assert.equal((await site.finish()).code, 0, site.output);
    }
    {
      await using again = startSite(folder, {});
      const [, count] = await again.waitFor(/Run 2: ok, (\d+) new candles/);
      assert.ok(Number(count) < 20, `${count} candles: it goes on at the watermarks`);
      again.kill("SIGTERM");
      assert.equal((await again.finish()).code, 0, again.output);
    }
    await withDatabase({}, folder, assertComplete);
  });
});

Deno.test({
  name: "On a terminal the first fill is a progress bar, which goes when it is done",
  ignore: !HAS_TERMINAL,
  fn: () =>
    withStartFolder(async (folder) => {
      await using site = startOnTerminal(folder);
      await site.waitFor(/Run 1: ok/);
      assert.match(site.output, /Loading \u2588+\u2591+ \d+\/16 /);
      assert.doesNotMatch(site.output, /^Loading \d/m, "no plain lines");
      site.kill("SIGTERM");
      await site.finish();
    }),
});

/** Kills the first fill where it stands, several times, and lets a last start finish it. */
async function killDuringFill(folder: string, env: Environment): Promise<void> {
  // How many series a later start has left depends on which markets are open.
  for (const moment of [/Loading 1\//, /Loading 3\//, /Loading 5\//]) {
    await using site = startSite(folder, env);
    await site.waitFor(moment);
    site.kill("SIGKILL");
    await site.finish();
  }
  await using site = startSite(folder, env);
  await site.waitFor(/Run \d+: ok/);
  site.kill("SIGINT");
  await site.finish();
  await withDatabase(env, folder, async (sql) => {
    await assertComplete(sql);
    const runs = await listRuns(sql, "simulator", 10);
    assert.deepEqual(runs.map((run) => run.status), [
      "ok",
      "interrupted",
      "interrupted",
      "interrupted",
    ]);
  });
}

Deno.test("kill -9 during the first fill, then a start: complete, nothing doubled [PGlite]", async () => {
  await withStartFolder((folder) => killDuringFill(folder, {}));
});

testWithServer(
  "kill -9 during the first fill, then a start: complete, nothing doubled",
  async () => {
    const databaseUrl = await createServerDatabase();
    await withTempDir((folder) => killDuringFill(folder, { DATABASE_URL: databaseUrl }));
  },
);

Deno.test("kill -9 of deno task start leaves nothing behind, and the next start goes on", async () => {
  await withStartFolder(async (folder) => {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const env = { DATA_DIR: `${folder}/data`, PORT: `${listener.addr.port}` };
    listener.close();
    {
      await using task = startTask(env);
      await task.waitFor(/Loading 3\/16/);
      task.kill("SIGKILL");
    }
    await using task = startTask(env);
    await task.waitFor(/Run \d+: ok/);
    task.kill("SIGTERM");
    await task.finish();
    await withDatabase({}, folder, assertComplete);
  });
});

Deno.test("A run goes on when the process that hosts its database ends", async () => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    await withStartFolder(async (folder) => {
      await using site = startSite(folder, { SYMBOLS: "BTC/USD,ETH/USD" });
      await site.waitFor(/Run 1: ok/);
      // So many candles that the run goes on for seconds.
      await using etl = startEtl(folder, {
        INTERVALS: "15min,30min,45min",
        SYMBOLS: "BTC/USD,ETH/USD",
      });
      await etl.waitFor(/Loading 2\/6/);
      site.kill(signal);
      const { code, output } = await etl.finish();
      assert.equal(code, 0, output);
    });
  }
});

Deno.test("deno task etl while the site runs uses the site's database", async () => {
  await withStartFolder(async (folder) => {
    await using site = startSite(folder, {});
    await site.waitFor(/Run 1: ok/);
    await using etl = startEtl(folder, { SYMBOLS: "AAPL,NOPE" });
    const { code, output } = await etl.finish();
    assert.equal(code, 2, output);
    assert.match(output, /BTC\/USD\s+│?\s*1h\s+│?\s*fresh\s+│?\s*ok/);
    assert.match(output, /NOPE 1day: .*NOPE/);
    await using json = startEtl(folder, { SYMBOLS: "AAPL" }, ["--json"]);
    const printed = await json.finish();
    assert.equal(printed.code, 0, printed.output);
    const report = JSON.parse(printed.output.slice(printed.output.indexOf("{")));
    assert.equal(report.status, "ok");
    // Coins always trade; NOPE was refused before and is not among SYMBOLS any more.
    const symbols = new Set(report.steps.map((step: { symbol: string }) => step.symbol));
    assert.ok(symbols.has("BTC/USD") && !symbols.has("NOPE"), [...symbols].join());
  });
});

Deno.test("A wrong setting, in the environment or in .env, is one line and exit code 1", async () => {
  await withTempDir(async (folder) => {
    await using site = startSite(folder, { ETL_CRON: "hourly" });
    assert.match(await onlyErrorLine(site), /ETL_CRON.*hourly/);
    await Deno.writeTextFile(`${folder}/.env`, "INTERVALS=1h,3h\n");
    await using etl = startEtl(folder, {});
    assert.match(await onlyErrorLine(etl), /INTERVALS.*"3h"/);
    assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [".env"]);
  });
});

Deno.test("An unreachable database is one line without the password, and exit code 1", async () => {
  await withTempDir(async (folder) => {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr;
    listener.close();
    const env = { DATABASE_URL: `postgres://someone:hunter2@127.0.0.1:${port}/candles` };
    for (const start of [startSite, startEtl]) {
      await using running = start(folder, env);
      const line = await onlyErrorLine(running);
      assert.match(line, new RegExp(`127.0.0.1:${port}/candles.*check`));
      assert.doesNotMatch(running.output, /hunter2/);
    }
  });
});

Deno.test("A port in use is one line that says what to do, and touches no data", async () => {
  await withTempDir(async (folder) => {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    await using site = startSite(folder, { PORT: `${listener.addr.port}` });
    const line = await onlyErrorLine(site);
    listener.close();
    assert.match(line, new RegExp(`127.0.0.1:${listener.addr.port}.*in use.*PORT`));
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("A bad key is one line, exit code 1, and the data of before stays whole", async () => {
  const key = "the-right-key-0123456789";
  const simulator = serveSimulator({ port: 0, apiKey: key });
  const env = { TWELVE_DATA_BASE_URL: simulator.url, TWELVE_DATA_CREDITS_PER_MINUTE: "1000" };
  try {
    await withStartFolder(async (folder) => {
      {
        await using etl = startEtl(folder, { ...env, TWELVE_DATA_API_KEY: key });
        const { code, output } = await etl.finish();
        assert.equal(code, 0, output);
      }
      const wrong = { ...env, TWELVE_DATA_API_KEY: "a-wrong-key-9876543210" };
      for (const start of [startSite, startEtl]) {
        await using running = start(folder, wrong);
        assert.match(await onlyErrorLine(running), /TWELVE_DATA_API_KEY/);
        assert.doesNotMatch(running.output, /a-wrong-key/);
      }
      await withDatabase({}, folder, assertComplete);
    });
  } finally {
    await simulator.shutdown();
  }
});

/** Leaves a disk one megabyte of free space at most. */
function shrink({ dir, resize }: SmallDisk): void {
  const { blocks, bfree, bsize } = statfsSync(dir);
  resize(Math.ceil((blocks - bfree) * bsize / 2 ** 20));
}

testWithSmallDisk(
  "A full disk is one line that says what to do, and leaves the data whole",
  160,
  async (disk) => {
    const { dir } = disk;
    await copyEmptyCluster(`${dir}/data`);
    {
      await using etl = startEtl(dir, { SYMBOLS: "AAPL,BTC/USD" });
      const { code, output } = await etl.finish();
      assert.equal(code, 0, output);
    }
    const before = await checksum(dir);
    shrink(disk);
    for (const start of [startSite, startEtl]) {
      await using running = start(dir, { INTERVALS: "1min,5min,1h" });
      assert.match(await onlyErrorLine(running), /disk.*full.*free space/i);
    }
    disk.resize(200);
    assert.equal(await checksum(dir), before, "what was there is there");
    await using site = startSite(dir, {});
    await site.waitFor(/Run \d+: ok/);
    site.kill("SIGINT");
    assert.equal((await site.finish()).code, 0);
    await withDatabase({}, dir, assertComplete);
  },
);

async function checksum(folder: string): Promise<string> {
  let found = "";
  await withDatabase({}, folder, async (sql) => {
    const [row] = await sql<[{ sum: string }]>`
      select md5(string_agg(c::text, ';' order by c.opened_at, c.candle_interval, i.symbol)) as sum
      from market.candles c join market.instruments i on i.id = c.instrument_id
      where i.symbol in ('AAPL', 'BTC/USD') and c.candle_interval in ('1h', '1day') and c.is_final`;
    found = row.sum;
  });
  return found;
}
