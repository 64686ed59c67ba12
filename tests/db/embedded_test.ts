/** PGlite behind its socket, inside one process: who gets which answer, and what a failure leaves. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { join } from "node:path";
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import { message, queryMessage, startupMessage, SYNC } from "../../db/wire.ts";
import { forEachDatabase } from "../support/databases.ts";
import { withDataDir, withTempDir } from "../support/temp.ts";

async function withDatabase(
  fn: (database: Database, dataDir: string) => Promise<void>,
): Promise<void> {
  await withDataDir(async (dataDir) => {
    const database = await openDatabase({ dataDir });
    try {
      await fn(database, dataDir);
    } finally {
      await database.close();
    }
  });
}

forEachDatabase("answers belong to who asked, with transactions and errors on every side", async (
  { sql },
) => {
  await sql`create schema market`;
  await sql`create table market.counters (worker int primary key, n int not null)`;
  const worker = async (id: number) => {
    await sql`insert into market.counters values (${id}, 0)`;
    for (let i = 0; i < 40; i++) {
      const marker = id * 1000 + i;
      const [plain] = await sql`select ${marker}::int as marker, ${"x".repeat(id)} as text`;
      assert.deepEqual({ ...plain }, { marker, text: "x".repeat(id) });
      const [simple] = await sql.unsafe(`select ${marker} as marker`);
      assert.equal(simple?.marker, marker);
      await assert.rejects(sql`select ${marker}::int / 0`, /division by zero/);
      await assert.rejects(sql.unsafe(`selec ${marker}`), /syntax error/);
      await sql.begin(async (tx) => {
        const [row] = await tx`select n from market.counters where worker = ${id}`;
        await tx`update market.counters set n = ${row?.n + 1} where worker = ${id}`;
      });
      const undone = sql.begin(async (tx) => {
        await tx`update market.counters set n = -1 where worker = ${id}`;
        await tx`select ${marker}::int / 0`;
      });
      await assert.rejects(undone, /division by zero/);
      const many = await Promise.all(
        [1, 2, 3, 4, 5].map((k) => sql`select ${marker + k}::int as v`),
      );
      assert.deepEqual(many.map(([row]) => row?.v), [1, 2, 3, 4, 5].map((k) => marker + k));
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(worker));
  const counters = await sql`select n from market.counters`;
  assert.deepEqual(counters.map(({ n }) => n), Array(8).fill(40));
}, { migrated: false });

forEachDatabase("a long query does not stall this process", async ({ sql }) => {
  const startedAt = performance.now();
  let ticks = 0;
  let longestGapMs = 0;
  let last = startedAt;
  const timer = setInterval(() => {
    ticks++;
    longestGapMs = Math.max(longestGapMs, performance.now() - last);
    last = performance.now();
  }, 5);
  await sql`select pg_sleep(1)`;
  clearInterval(timer);
  const durationMs = performance.now() - startedAt;
  assert.ok(durationMs >= 1000);
  assert.ok(longestGapMs < durationMs / 2, `stalled ${longestGapMs} of ${durationMs} ms`);
  assert.ok(ticks > 20, `${ticks} ticks`);
}, { migrated: false });

forEachDatabase("tryLock() gives a lock to one holder at a time", async ({ database }) => {
  const lock = await database.tryLock("etl run/1");
  assert.ok(lock);
  assert.equal(await database.tryLock("etl run/1"), null);
  const other = await database.tryLock("other");
  assert.ok(other);
  await lock.release();
  const again = await database.tryLock("etl run/1");
  assert.ok(again);
  await again.release();
  await other.release();
}, { migrated: false });

Deno.test("the embedded database is closed to others, and everything ends with close()", async () => {
  await withDatabase(async ({ sql, description }, dataDir) => {
    const modes = async (name: string) =>
      ((await Deno.stat(join(dataDir, name))).mode ?? 0) & 0o777;
    assert.equal(await modes("run"), 0o700);
    assert.equal(await modes("pg"), 0o700);
    assert.equal(description, `PGlite in ${await Deno.realPath(dataDir)}`);
    const [row] = await sql`
      select current_setting('TimeZone') as zone, 5::bigint as big_number, 1.50::numeric as price,
        '2025-01-02 03:04:05+00'::timestamptz as opened_at`;
    assert.deepEqual({ ...row }, {
      zone: "UTC",
      bigNumber: 5,
      price: "1.50",
      openedAt: new Date("2025-01-02T03:04:05Z"),
    });
  });
});

Deno.test("a new DATA_DIR is made with its parents and closed to others", async () => {
  await withTempDir(async (dir) => {
    const dataDir = join(dir, "a/b");
    await (await openDatabase({ dataDir })).close();
    assert.equal(((await Deno.stat(dataDir)).mode ?? 0) & 0o777, 0o700);
  });
});

Deno.test("a DATA_DIR too long for a socket path works, in two clients of one database", async () => {
  await withTempDir(async (dir) => {
    const dataDir = join(dir, "long-".repeat(30));
    const first = await openDatabase({ dataDir });
    const second = await openDatabase({ dataDir });
    await first.sql`create table public.t (id int)`;
    await second.sql`insert into public.t values (1)`;
    assert.equal((await first.sql`select * from public.t`).length, 1);
    await second.close();
    await first.close();
  });
});

Deno.test("a client that goes in the middle of a transaction takes it back", async () => {
  await withDatabase(async ({ sql }, dataDir) => {
    await sql`create table public.t (id int)`;
    const other = await openDatabase({ dataDir });
    const interrupted = other.sql.begin(async (tx) => {
      await tx`insert into public.t values (1)`;
      await other.sql.end({ timeout: 0 });
    });
    await assert.rejects(interrupted);
    await other.close();
    assert.equal((await sql`select * from public.t`).length, 0);
    await sql`insert into public.t values (2)`;
  });
});

Deno.test("prepared statements end with the connection that made them", async () => {
  await withDatabase(async ({ sql }, dataDir) => {
    const other = await openDatabase({ dataDir });
    for (let i = 1; i < 6; i++) await other.sql`select ${i}::int, ${sql.unsafe(String(i))}`;
    const count = async () =>
      (await sql`select from pg_prepared_statements where statement like 'select $1::int, %'`)
        .length;
    assert.equal(await count(), 5);
    await other.close();
    while (await count() > 0) continue;
  });
});

Deno.test("COPY from a client is refused and the session goes on", async () => {
  await withDatabase(async ({ sql }, dataDir) => {
    await sql`create table public.t (id int)`;
    await assert.rejects(
      (async () => {
        const stream = await sql`copy public.t from stdin`.writable();
        await new Promise<void>((resolve, reject) => {
          stream.once("error", reject);
          stream.end("1\n", resolve);
        });
      })(),
      /cannot COPY from a client/,
    );
    // As other clients say it: Parse, Bind, Execute, Sync.
    const socket = connect({ path: join(dataDir, "run/pg.sock") });
    const batch = [
      message("P", "\0copy public.t from stdin\0\0\0"),
      message("B", "\0".repeat(8)),
      message("E", "\0".repeat(5)),
    ];
    socket.write(Buffer.concat([startupMessage(), ...batch, SYNC]));
    let answer = "";
    for await (const chunk of socket) {
      answer += chunk.toString("latin1");
      if (answer.includes("cannot COPY from a client")) break;
    }
    assert.equal(await countRows(sql), 0);
  });
});

Deno.test("one client that misbehaves does not hold up the others", async () => {
  await withDatabase(async ({ sql }, dataDir) => {
    const path = join(dataDir, "run/pg.sock");
    const open = () =>
      new Promise<ReturnType<typeof connect>>((resolve) => {
        const socket = connect({ path }, () => resolve(socket));
        socket.on("error", () => {});
      });
    const garbage = await open();
    garbage.write(Buffer.concat([startupMessage(), Buffer.from("Qzzzzzzzzzzzzzzzzzzzz")]));
    const half = await open();
    half.write(Buffer.concat([startupMessage(), queryMessage("select 1").subarray(0, 7)]));
    const deaf = await open();
    deaf.pause();
    const flood = queryMessage("select repeat('x', 1000) from generate_series(1, 2000)");
    deaf.write(Buffer.concat([startupMessage(), ...Array(50).fill(flood)]));
    const vanishing = await open();
    vanishing.write(
      Buffer.concat([startupMessage(), queryMessage("begin; create table x (id int)")]),
    );
    vanishing.once("data", () => vanishing.destroy());
    for (let i = 0; i < 200; i++) {
      const [row] = await sql`select ${i}::int as i`;
      assert.equal(row?.i, i);
    }
    assert.equal((await sql`select to_regclass('x') as x`)[0]?.x, null);
    for (const socket of [garbage, half, deaf]) socket.destroy();
  });
});

Deno.test("the host that breaks down is started again by the next query, with every row", async () => {
  await withDatabase(async (database, dataDir) => {
    const { sql } = database;
    const other = await openDatabase({ dataDir });
    await sql`create table public.t (id int)`;
    await sql`insert into public.t select generate_series(1, 1000)`;
    // A PANIC: no place for the next piece of its log. PGlite itself would go on after it, and hang.
    const wal = join(dataDir, "pg/pg_wal");
    await Deno.rename(wal, `${wal}.away`);
    const fillLog = async () => {
      while (true) {
        await sql`select pg_logical_emit_message(true, '', repeat('x', 1000000)), pg_switch_wal()`;
      }
    };
    await assert.rejects(fillLog());
    await Deno.rename(`${wal}.away`, wal);
    assert.match(database.failure?.message ?? "", /pg_wal/);
    assert.equal(await countRows(sql), 1000);
    // The broken worker's end of this connection may close only now: then it is lost with the query.
    const counted = await countRows(other.sql).catch((error) => {
      assert.match(String(error), /ECONNRESET|CONNECTION_CLOSED/);
      return countRows(other.sql);
    });
    assert.equal(counted, 1000);
    assert.equal(database.failure, null);
    await other.close();
  });
});

Deno.test("a cluster whose making was interrupted is made anew", async () => {
  await withTempDir(async (dataDir) => {
    await Deno.mkdir(join(dataDir, "pg/base"), { recursive: true });
    await Deno.writeTextFile(join(dataDir, "pg/PG_VERSION"), "18\n");
    await Deno.writeTextFile(join(dataDir, "pg.creating"), "");
    const database = await openDatabase({ dataDir });
    assert.equal((await database.sql`select 1 as one`)[0]?.one, 1);
    await database.close();
    await assert.rejects(Deno.stat(join(dataDir, "pg.creating")), Deno.errors.NotFound);
  });
});

async function countRows(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*) as n from public.t`;
  return row?.n ?? 0;
}
