/** Transactions that end well, badly, and with the connection. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { inTransaction } from "../../db/transaction.ts";
import { forEachDatabase, testWithServer } from "../support/databases.ts";
import { openDatabase } from "../../db/connect.ts";
import { createServerDatabase } from "../support/databases.ts";
import { spawnScript } from "../support/processes.ts";
import { withDataDir } from "../support/temp.ts";

forEachDatabase(
  "inTransaction() commits what resolves and rolls back what rejects",
  async ({ sql }) => {
    await sql`create table market.t (id int)`;
    const returned = await inTransaction(sql, async (tx) => {
      await tx`insert into market.t values (1)`;
      return "done";
    });
    assert.equal(returned, "done");
    await assert.rejects(
      inTransaction(sql, async (tx) => {
        await tx`insert into market.t values (2)`;
        throw new Error("changed my mind");
      }),
      /changed my mind/,
    );
    await assert.rejects(
      inTransaction(sql, async (tx) => {
        await tx`insert into market.t values (3)`;
        await tx`select 1 / 0`;
      }),
      /division by zero/,
    );
    assert.deepEqual([...await sql`select id from market.t`], [{ id: 1 }]);
  },
);

/** Ends the session that `tx` runs in, from another one. */
async function terminate(sql: Sql, tx: Sql): Promise<void> {
  const [row] = await tx<[{ pid: number }]>`select pg_backend_pid() as pid`;
  await sql`select pg_terminate_backend(${row.pid})`;
}

testWithServer(
  "A session that the server ends in a transaction is an error, not the end of us",
  async () => {
    const database = await openDatabase({
      databaseUrl: await createServerDatabase(),
      dataDir: "unused",
    });
    const { sql } = database;
    try {
      await sql`create table t (id int)`;
      const lost = { code: /CONNECTION_CLOSED|57P01|ECONNRESET/ };
      const isLost = (error: unknown) => {
        assert.match((error as { code: string }).code, lost.code);
        return true;
      };
      // Between two queries, with time for the news to arrive.
      await assert.rejects(
        inTransaction(sql, async (tx) => {
          await tx`insert into t values (1)`;
          await terminate(sql, tx);
          await sql`select pg_sleep(0.2)`;
          await tx`insert into t values (2)`;
        }),
        isLost,
      );
      // In the middle of one.
      await assert.rejects(
        inTransaction(sql, async (tx) => {
          await tx`insert into t values (3)`;
          await Promise.all([terminate(sql, tx), tx`select pg_sleep(60)`, tx`select 1`]);
        }),
        isLost,
      );
      // Right behind it, before the news can have arrived.
      await assert.rejects(
        inTransaction(sql, async (tx) => {
          await terminate(sql, tx);
          for (let id = 4; id < 1000; id++) await tx`insert into t values (${id})`;
        }),
        isLost,
      );
      assert.deepEqual([...await sql`select id from t`], [], "and nothing is half written");
    } finally {
      await database.close();
    }
  },
);

Deno.test("A host killed in a client's transaction is an error, and the client goes on", async () => {
  await withDataDir(async (dataDir) => {
    const host = spawnScript(`
      const { sql } = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
      await sql\`create table public.t (id int)\`;
      print("ready");
      await signal();
    `);
    assert.equal(await host.nextValue(), "ready");
    const database = await openDatabase({ dataDir });
    try {
      await assert.rejects(inTransaction(database.sql, async (tx) => {
        await tx`insert into public.t values (1)`;
        host.kill("SIGKILL");
        for (let id = 2; id < 100_000; id++) await tx`insert into public.t values (${id})`;
      }));
      assert.deepEqual([...await database.sql`select id from public.t`], []);
    } finally {
      await database.close();
      await host.finish();
    }
  });
});

testWithServer(
  "A session that its server ends at any moment of a transaction ends nothing else, then or later",
  async () => {
    const databaseUrl = await createServerDatabase();
    const child = spawnScript(`
      const options = { databaseUrl: ${JSON.stringify(databaseUrl)}, dataDir: "unused" };
      const [database, other] = [await openDatabase(options), await openDatabase(options)];
      await database.sql\`create table public.t (id int, round int)\`;
      let isDone = false;
      const ended = (async () => {
        while (!isDone) {
          await new Promise((done) => setTimeout(done, Math.random() * 30));
          await other.sql\`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()\`;
        }
      })();
      for (let round = 0; round < 60; round++) {
        await inTransaction(database.sql, async (tx) => {
          // Each has a text of its own: a statement that is new to its connection is described first.
          for (let id = 0; id < 20; id++) {
            await tx.unsafe("insert into public.t (id, round) values ($1, $2) -- " + round + " " + id, [id, round]);
          }
        }).catch((error) => {
          if (!isConnectionLost(error)) throw error;
        });
      }
      isDone = true;
      await ended;
      const [{ partial }] = await other.sql\`
        select count(*) as partial from (
          select round from public.t group by round having count(*) <> 20) rounds\`;
      // What is rolled back late, two seconds after the loss, must find nothing to end either.
      await new Promise((done) => setTimeout(done, 2500));
      print({ partial });
      await database.close();
      await other.close();
    `);
    const value = await child.nextValue();
    const { code, stderr } = await child.finish();
    assert.deepEqual([value, code], [{ partial: 0 }, 0], stderr);
  },
);
