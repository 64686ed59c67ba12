/** Migrations: once, all or nothing, by many at a time, and never beyond schema `market`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDatabase, type Sql } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { OperatorError } from "../../market/errors.ts";
import { createServerDatabase, forEachDatabase, testWithServer } from "../support/databases.ts";
import { spawnScript } from "../support/processes.ts";

const FILES = {
  "0001.do.first.sql": "create table market.first (id int); insert into market.first values (1);",
  "0002.do.second.sql": "create view market.second as select id from market.first;",
};
const EMPTY = { migrated: false };

async function withFolder(
  files: Record<string, string>,
  fn: (folder: string) => Promise<void>,
): Promise<void> {
  // Brackets are patterns to the library that lists the files.
  const folder = await Deno.makeTempDir({ prefix: "chandlery-[migrations]-" });
  try {
    await writeFiles(folder, files);
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
}

async function listVersions(sql: Sql): Promise<number[]> {
  const rows = await sql`select version from market.schema_migrations order by version`;
  return rows.map(({ version }) => version);
}

forEachDatabase(
  "migrate() applies every file once and says from where to where",
  async ({ sql }) => {
    await withFolder(FILES, async (folder) => {
      assert.deepEqual(await migrate(sql, { folder }), { from: 0, to: 2 });
      assert.deepEqual(await migrate(sql, { folder }), { from: 2, to: 2 });
      await writeFiles(folder, { "0003.do.third.sql": "create table market.third (id int)" });
      assert.deepEqual(await migrate(sql, { folder }), { from: 2, to: 3 });
      assert.deepEqual([...await sql`select id from market.second`], [{ id: 1 }]);
      assert.deepEqual(await listVersions(sql), [0, 1, 2, 3]);
    });
  },
  EMPTY,
);

forEachDatabase("migrate() writes nothing to an up-to-date database", async ({ sql }) => {
  const versions = () => sql`select xmin::text, ctid::text, * from market.schema_migrations`;
  const rows = [...await versions()];
  const [before] = await sql`select pg_current_wal_insert_lsn() as lsn`;
  await migrate(sql);
  const [after] = await sql`select pg_current_wal_insert_lsn() as lsn`;
  assert.deepEqual([...await versions()], rows);
  assert.deepEqual(after, before);
});

forEachDatabase(
  "20 migrations at once apply every file once",
  async ({ sql, database, databaseUrl }) => {
    await withFolder(FILES, async (folder) => {
      const others = databaseUrl === undefined ? [] : await Promise.all(
        Array.from({ length: 5 }, () => openDatabase({ databaseUrl, dataDir: "unused" })),
      );
      const clients = [database, ...others];
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => migrate(clients[i % clients.length]!.sql, { folder })),
      );
      assert.equal(results.filter(({ from }) => from === 0).length, 1);
      assert.ok(results.every(({ to }) => to === 2));
      assert.deepEqual(await listVersions(sql), [0, 1, 2]);
      assert.deepEqual([...await sql`select id from market.first`], [{ id: 1 }]);
      for (const other of others) await other.close();
    });
  },
  EMPTY,
);

forEachDatabase(
  "a migration that fails leaves nothing of itself or of those before it",
  async ({ sql }) => {
    const files = {
      ...FILES,
      "0003.do.broken.sql": "create table market.third (id int); select 1/0",
    };
    await withFolder(files, async (folder) => {
      await assert.rejects(migrate(sql, { folder }), /division by zero/);
      const [found] = await sql`select to_regnamespace('market') is null as is_gone`;
      assert.equal(found?.isGone, true);
    });
  },
  EMPTY,
);

forEachDatabase("migrate() refuses a database that is newer than its files", async ({ sql }) => {
  await withFolder(FILES, async (folder) => {
    await migrate(sql, { folder });
    await Deno.remove(join(folder, "0002.do.second.sql"));
    await assert.rejects(migrate(sql, { folder }), (error: Error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /version 2, this program knows 1/);
      return true;
    });
  });
}, EMPTY);

forEachDatabase(
  "migrate() refuses a file that changed after it was applied, but not its line ends",
  async (
    { sql },
  ) => {
    await withFolder(FILES, async (folder) => {
      await migrate(sql, { folder });
      const name = "0001.do.first.sql";
      await writeFiles(folder, { [name]: "select 1;\n" + FILES[name] });
      await assert.rejects(migrate(sql, { folder }), /0001\.do\.first\.sql has changed/);
    });
    await sql`drop schema market cascade`;
    await withFolder({ "0001.do.a.sql": "select 1;\nselect 2;\n" }, async (folder) => {
      await migrate(sql, { folder });
      await writeFiles(folder, { "0001.do.a.sql": "select 1;\r\nselect 2;\r\n" });
      assert.deepEqual(await migrate(sql, { folder }), { from: 1, to: 1 });
    });
  },
  EMPTY,
);

testWithServer(
  "a process killed in the middle of a migration leaves nothing half",
  async () => {
    const databaseUrl = await createServerDatabase();
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    const files = {
      ...FILES,
      "0003.do.slow.sql": "create table market.t (id int); select pg_sleep(60);",
    };
    await withFolder(files, async (folder) => {
      const child = spawnScript(`
      const database = await openDatabase({ databaseUrl: ${
        JSON.stringify(databaseUrl)
      }, dataDir: "" });
      await migrate(database.sql, { folder: ${JSON.stringify(folder)} });
    `);
      const sleeper = () =>
        database.sql<{ pid: number }[]>`
        select pid from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep'`;
      let [found] = await sleeper();
      while (!found) [found] = await sleeper();
      child.kill("SIGKILL");
      await child.finish();
      await database.sql`select pg_terminate_backend(${found.pid})`;
      while ((await sleeper()).length > 0) continue;
      const [schema] = await database.sql`select to_regnamespace('market') is null as is_gone`;
      assert.equal(schema?.isGone, true);
      await writeFiles(folder, { "0003.do.slow.sql": "create table market.t (id int);" });
      assert.deepEqual(await migrate(database.sql, { folder }), { from: 0, to: 3 });
    });
    await database.close();
  },
);

const NEIGHBOUR = `
  create schema rental;
  create type rental.rating as enum ('G', 'PG', 'R');
  create sequence rental.film_id_seq start 100;
  create table rental.films (
    id int primary key default nextval('rental.film_id_seq'), title text not null,
    rating rental.rating default 'G', updated_at timestamp default now()
  );
  create table rental.candles (film_id int references rental.films, price numeric(5, 2));
  create function rental.touch() returns trigger language plpgsql as
    $$ begin new.updated_at := now(); return new; end $$;
  create trigger films_touch before update on rental.films for each row execute function rental.touch();
  create view rental.titles as select title from rental.films;
  create index on rental.films (title);
  insert into rental.films (title) values ('The Big Short'), ('Margin Call');
  create table public.schemaversion (version int);
  create table public.candles (id int);
  comment on table public.candles is 'not ours';
`;

testWithServer("installing leaves the dump of other schemas byte-identical", async (server) => {
  const databaseUrl = await createServerDatabase();
  const name = new URL(databaseUrl).pathname.slice(1);
  const database = await openDatabase({ databaseUrl, dataDir: "unused" });
  await database.sql.unsafe(NEIGHBOUR);
  const dumps = async () => [
    await server.dump(name, "-n", "rental"),
    await server.dump(name, "-n", "public"),
    await server.dump(name, "--exclude-schema", "market"),
  ];
  const before = await dumps();
  await migrate(database.sql);
  assert.deepEqual(await dumps(), before);
  assert.match(before[2]!, /Margin Call/);
  await database.close();
});

forEachDatabase("installing makes nothing outside of schema market", async ({ sql }) => {
  const list = () =>
    sql`
    select 'class' as kind, relname as name, relnamespace::regnamespace::text as schema from pg_class
    union all select 'proc', proname, pronamespace::regnamespace::text from pg_proc
    union all select 'type', typname, typnamespace::regnamespace::text from pg_type
    union all select 'schema', nspname, '' from pg_namespace
    order by 1, 3, 2`;
  const before = await list();
  await migrate(sql);
  const known = new Set(before.map((row) => JSON.stringify(row)));
  const added = (await list()).filter((row) => !known.has(JSON.stringify(row)));
  const elsewhere = added.filter(({ kind, name, schema }) =>
    schema !== "market" && !(kind === "schema" && name === "market") && !/^pg_toast/.test(name)
  );
  assert.deepEqual(elsewhere, []);
  assert.ok(added.length > 10);
}, EMPTY);
