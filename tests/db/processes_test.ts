/** One embedded database and many processes: one holds the files, all use them, any may die. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDatabase } from "../../db/connect.ts";
import { type Child, spawnScript } from "../support/processes.ts";
import { withDataDir, withTempDir } from "../support/temp.ts";

/**
 * Opens the database, says so, then inserts one row for each line it is sent; ends at "end". A query made
 * before the news of the host's end has arrived is lost with its connection, and made once more.
 */
function spawnWriter(dataDir: string): Child {
  return spawnScript(`
    const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
    await database.sql\`create table if not exists public.t (pid int)\`;
    print("open");
    while (true) {
      const { value } = await signal();
      if (value.includes("end")) break;
      const insert = () => database.sql\`insert into public.t values (\${Deno.pid})\`;
      await insert().catch((error) => isConnectionLost(error) ? insert() : Promise.reject(error));
      print("inserted");
    }
    await database.close();
  `);
}

async function insert(child: Child): Promise<void> {
  await child.send("insert");
  assert.equal(await child.nextValue(), "inserted");
}

async function end(child: Child): Promise<void> {
  await child.send("end");
  assert.deepEqual(await child.finish(), { code: 0, stderr: "" });
}

/** How many of the processes have files of the cluster open. */
function countHosts(dataDir: string, pids: number[]): number {
  const isHost = (pid: number) => {
    try {
      return [...Deno.readDirSync(`/proc/${pid}/fd`)].some(({ name }) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/fd/${name}`).startsWith(join(dataDir, "pg/"));
        } catch {
          return false; // Closed meanwhile.
        }
      });
    } catch {
      return false; // Ended meanwhile.
    }
  };
  return pids.filter(isHost).length;
}

async function countRows(dataDir: string): Promise<number> {
  const database = await openDatabase({ dataDir });
  const [row] = await database.sql<{ n: number }[]>`select count(*) as n from public.t`;
  await database.close();
  return row?.n ?? 0;
}

for (const how of ["ends", "is killed with kill -9"]) {
  Deno.test(`a second process attaches, and hosts at its next query when the first ${how}`, async () => {
    await withDataDir(async (dataDir) => {
      const first = spawnWriter(dataDir);
      assert.equal(await first.nextValue(), "open");
      const second = spawnWriter(dataDir);
      assert.equal(await second.nextValue(), "open");
      await insert(first);
      await insert(second);
      assert.equal(countHosts(dataDir, [first.pid]), 1);
      assert.equal(countHosts(dataDir, [second.pid]), 0);
      if (how === "ends") await end(first);
      else {
        first.kill("SIGKILL");
        await first.finish();
      }
      await insert(second);
      assert.equal(countHosts(dataDir, [second.pid]), 1);
      const third = spawnWriter(dataDir);
      assert.equal(await third.nextValue(), "open");
      await insert(third);
      await end(third);
      await end(second);
      assert.equal(await countRows(dataDir), 4);
    });
  });
}

Deno.test("ten processes that start at once share one host, and kill -9 of it loses no row", async () => {
  await withTempDir(async (dataDir) => {
    const children = Array.from({ length: 10 }, () => spawnWriter(dataDir));
    const pids = children.map(({ pid }) => pid);
    let mostHosts = 0;
    const watch = setInterval(() => mostHosts = Math.max(mostHosts, countHosts(dataDir, pids)), 5);
    for (const child of children) assert.equal(await child.nextValue(), "open");
    const insertAll = async (writers: Child[]) => {
      for (let i = 0; i < 5; i++) await Promise.all(writers.map(insert));
    };
    await insertAll(children);
    const host = children.find(({ pid }) => countHosts(dataDir, [pid]) === 1);
    host?.kill("SIGKILL");
    await host?.finish();
    const rest = children.filter((child) => child !== host);
    assert.equal(rest.length, 9);
    await insertAll(rest);
    await Promise.all(rest.map(end));
    clearInterval(watch);
    assert.equal(mostHosts, 1);
    assert.equal(await countRows(dataDir), 95);
  });
});

Deno.test("kill -9 while the cluster is being made leaves a folder that the next start can use", async () => {
  await withTempDir(async (dataDir) => {
    const child = spawnWriter(dataDir);
    const isMaking = () => Deno.stat(join(dataDir, "pg/PG_VERSION")).then(() => true, () => false);
    while (!await isMaking()) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
    await child.finish();
    const database = await openDatabase({ dataDir });
    assert.equal((await database.sql`select 1 as one`)[0]?.one, 1);
    await database.close();
  });
});

Deno.test("kill -9 again and again while rows commit loses none that was acknowledged", async () => {
  await withDataDir(async (dataDir) => {
    let acknowledged = 0;
    for (let round = 1; round <= 3; round++) {
      const child = spawnScript(`
        const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
        await database.sql\`create table if not exists public.t (pid int)\`;
        while (true) {
          await database.sql\`insert into public.t select generate_series(1, 10)\`;
          print(10);
        }
      `);
      for (let i = 0; i < 20 * round; i++) acknowledged += Number(await child.nextValue());
      child.kill("SIGKILL");
      for (let more = await child.nextValue(); more !== null; more = await child.nextValue()) {
        acknowledged += Number(more);
      }
      await child.finish();
      const found = await countRows(dataDir);
      assert.ok(found === acknowledged || found === acknowledged + 10, `${found} ${acknowledged}`);
      acknowledged = found;
    }
  });
});

Deno.test("a lock of tryLock() ends with the process that was killed", async () => {
  await withDataDir(async (dataDir) => {
    const child = spawnScript(`
      const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
      print(await database.tryLock("run") !== null);
      await signal();
    `);
    assert.equal(await child.nextValue(), true);
    const database = await openDatabase({ dataDir });
    assert.equal(await database.tryLock("run"), null);
    child.kill("SIGKILL");
    await child.finish();
    const lock = await database.tryLock("run");
    assert.ok(lock);
    await lock.release();
    await database.close();
  });
});
