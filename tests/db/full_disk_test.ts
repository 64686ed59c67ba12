/** A full disk, or a folder that cannot be used: one clear line, and no row that was saved is lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDatabase } from "../../db/connect.ts";
import { OperatorError } from "../../market/errors.ts";
import { spawnScript } from "../support/processes.ts";
import { testWithSmallDisk } from "../support/small_disk.ts";
import { withTempDir } from "../support/temp.ts";

const DISK_FULL = /^The disk that holds .* is full: free space/;

function assertOneLine(pattern: RegExp) {
  return (error: Error) => {
    assert.ok(error instanceof OperatorError, String(error));
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes("\n"));
    return true;
  };
}

testWithSmallDisk(
  "a disk that fills up at the first start says so; with space the next works",
  20,
  async (
    { dir, resize },
  ) => {
    const dataDir = join(dir, "data");
    await assert.rejects(openDatabase({ dataDir }), assertOneLine(DISK_FULL));
    await assert.rejects(openDatabase({ dataDir }), assertOneLine(DISK_FULL));
    resize(150);
    const database = await openDatabase({ dataDir });
    await database.sql`create table public.t (id int)`;
    await database.close();
  },
);

// Inserting fills the disk with rows, which is an ERROR; truncating leaves only the write-ahead log to
// grow, and no room for that is a PANIC.
for (const [what, cleanup] of [["rows", ""], ["the log", "truncate public.filler"]]) {
  testWithSmallDisk(
    `a disk that is filled by ${what} stops the process and loses no row`,
    64,
    async (
      { dir, resize },
    ) => {
      const dataDir = join(dir, "data");
      const child = spawnScript(`
      const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
      const { sql } = database;
      try {
        await sql\`create table public.t (id int)\`;
        await sql\`create table public.filler (x text)\`;
        for (let id = 1; ; id++) {
          await sql\`insert into public.t values (\${id})\`;
          print(id);
          await sql\`insert into public.filler select repeat('x', 100) from generate_series(1, 3000)\`;
          ${cleanup && `await sql.unsafe("${cleanup}");`}
        }
      } catch (error) {
        console.error(explainDatabaseError(error, database)?.message ?? error);
        await database.close();
        Deno.exit(1);
      }
    `);
      let acknowledged = 0;
      for (let id = await child.nextValue(); id !== null; id = await child.nextValue()) {
        acknowledged = Number(id);
      }
      const { code, stderr } = await child.finish();
      assert.equal(code, 1);
      assert.match(stderr, DISK_FULL);
      assert.equal(stderr.trim().split("\n").length, 1);
      assert.ok(acknowledged > 5);

      // Still full: it starts, or says why not.
      await openDatabase({ dataDir }).then(
        (database) => database.close(),
        (error) => assertOneLine(DISK_FULL)(error),
      );
      resize(200);
      const database = await openDatabase({ dataDir });
      const rows = await database.sql<{ id: number }[]>`select id from public.t order by id`;
      const ids = rows.map(({ id }) => id);
      assert.deepEqual(
        ids.slice(0, acknowledged),
        Array.from({ length: acknowledged }, (_, i) => i + 1),
      );
      assert.ok(ids.length <= acknowledged + 1);
      await database
        .sql`insert into public.filler select repeat('x', 100) from generate_series(1, 3000)`;
      await database.close();
    },
  );
}

Deno.test("a DATA_DIR that is a file or lies in one is refused in one line", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "file");
    await Deno.writeTextFile(file, "");
    for (const dataDir of [file, join(file, "inside")]) {
      await assert.rejects(
        openDatabase({ dataDir }),
        assertOneLine(/^Cannot keep data in .*: set DATA_DIR/),
      );
    }
  });
});

testWithSmallDisk("a DATA_DIR on a read-only disk is refused in one line", 10, async ({ dir }) => {
  new Deno.Command("mount", { args: ["-o", "remount,ro", dir] }).outputSync();
  const opened = openDatabase({ dataDir: join(dir, "data") });
  await assert.rejects(opened, assertOneLine(/^Cannot keep data in .*: set DATA_DIR/));
});
