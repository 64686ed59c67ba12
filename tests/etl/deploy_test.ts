import assert from "node:assert/strict";
import { openDatabase } from "../../db/connect.ts";
import { listRuns } from "../../db/runs.ts";
import { onlyErrorLine, startSite } from "../support/chandlery.ts";
import { createServerDatabase, testWithServer } from "../support/databases.ts";
import { withTempDir } from "../support/temp.ts";

/** What a program may do on Deno Deploy, as far as we need it: anything but write. */
const READ_ONLY = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys", "--deny-write"];

/** Stands in for the platform: it finds the schedule and calls it once. */
const PLATFORM = `
  Object.defineProperty(Deno, "cron", {
    value: (name, schedule, handler) => {
      console.log("found the schedule:", name, schedule);
      setTimeout(handler, 0);
      return Promise.resolve();
    },
  });
`;

/** An app's folder that can only be read; it is checked that nothing was written to it. */
async function withApp(fn: (app: string, flags: string[]) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    const app = `${folder}/app`;
    await Deno.mkdir(app, { mode: 0o555 });
    await Deno.writeTextFile(`${folder}/platform.ts`, PLATFORM);
    await fn(app, ["--preload", `${folder}/platform.ts`, ...READ_ONLY]);
    assert.deepEqual([...Deno.readDirSync(app)], []);
  });
}

Deno.test("On Deno Deploy a missing DATABASE_URL is one line that says how to set it", async () => {
  await withApp(async (app, flags) => {
    await using site = startSite(app, { DENO_DEPLOYMENT_ID: "test" }, flags);
    assert.match(await onlyErrorLine(site), /Deno Deploy.*DATABASE_URL/);
  });
});

testWithServer(
  "On Deno Deploy the site is served, the schedule found and run, and nothing written to disk",
  async () => {
    const databaseUrl = await createServerDatabase();
    await withApp(async (app, flags) => {
      const env = { DENO_DEPLOYMENT_ID: "test", DATABASE_URL: databaseUrl };
      await using site = startSite(app, env, flags);
      const address = await site.waitForAddress();
      assert.match(
        site.output,
        /^found the schedule: Load candles 2 \* \* \* \*\n/,
        "before all else",
      );
      await site.waitFor(/Run 1: ok/);
      const [page, health] = await Promise.all([fetch(`${address}/`), fetch(`${address}/healthz`)]);
      assert.deepEqual([page.status, health.status], [200, 200]);
      assert.match(await page.text(), /AAPL/);
      await health.body?.cancel();
      const database = await openDatabase({ databaseUrl, dataDir: "unused" });
      try {
        const runs = await listRuns(database.sql, "simulator", 5);
        assert.deepEqual(
          runs.map((run) => run.trigger),
          ["cron"],
          "an instance does not load at its start",
        );
      } finally {
        await database.close();
      }
    });
  },
);

testWithServer(
  "On Deno Deploy the schedule is registered even while the database is away",
  async () => {
    await withApp(async (app, flags) => {
      const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
      const { port } = listener.addr;
      listener.close();
      const env = { DENO_DEPLOYMENT_ID: "test", DATABASE_URL: `postgres://127.0.0.1:${port}/none` };
      await using site = startSite(app, env, flags);
      await onlyErrorLine(site);
      assert.match(site.output, /^found the schedule/);
    });
  },
);
