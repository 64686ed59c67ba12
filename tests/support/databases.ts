/** Runs the same test on both databases: PGlite and a real PostgreSQL server. */
import { type Database, openDatabase, type Sql } from "../../db/connect.ts";
import { findPostgres, NO_SERVER, type PostgresServer, startPostgres } from "./postgres.ts";
import { dropSchema, PristineSchema } from "./pristine.ts";
import { copyEmptyCluster } from "./temp.ts";

export interface TestDatabase {
  /** A database with schema `market` just migrated and nothing in it. */
  database: Database;
  sql: Sql;
  /** The server's address; undefined for PGlite. */
  databaseUrl: string | undefined;
}

export interface ForEachOptions {
  /** False leaves schema `market` out. */
  migrated?: boolean;
}

/** What is started once per test file, at its first use, and ended with it. */
const shared: {
  embedded?: ReturnType<typeof openShared>;
  server?: Promise<PostgresServer>;
  serverDatabase?: ReturnType<typeof makeServerDatabase>;
} = {};
const cleanups: (() => void)[] = [];
let databaseCount = 0;

// Deno has no "after all files" hook: when its module ends, what a file started ends too.
globalThis.addEventListener("unload", () => {
  for (const cleanup of cleanups) cleanup();
});

/**
 * Registers `fn` as two tests, "… [PGlite]" and "… [PostgreSQL 15]". Where no server is installed the
 * second is ignored and says so; with CI set it fails instead.
 */
export function forEachDatabase(
  name: string,
  fn: (test: TestDatabase) => Promise<void>,
  { migrated = true }: ForEachOptions = {},
): void {
  Deno.test({
    name: `${name} [PGlite]`,
    // The host of the file's PGlite outlives the test that started it.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withEmbedded(migrated, fn),
  });
  testWithServer(name, () => withServerDatabase(migrated, fn));
}

/** Registers a test that needs a PostgreSQL server, as {@linkcode forEachDatabase} does. */
export function testWithServer(name: string, fn: (server: PostgresServer) => Promise<void>): void {
  const found = findPostgres();
  const isCi = (Deno.env.get("CI") ?? "") !== "";
  Deno.test({
    name: found ? `${name} [${found.name}]` : `${name} [${NO_SERVER}]`,
    ignore: !found && !isCi,
    // The server outlives the test that started it.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => fn(await sharedServer()),
  });
}

/** The server of this test file, started at the first call. */
export function sharedServer(): Promise<PostgresServer> {
  return shared.server ??= startPostgres();
}

/** A new database on the file's server, removed with it. */
export async function createServerDatabase(): Promise<string> {
  return await (await sharedServer()).createDatabase(`test_${++databaseCount}`);
}

async function withEmbedded(
  migrated: boolean,
  fn: (test: TestDatabase) => Promise<void>,
): Promise<void> {
  const { dataDir, schema } = await (shared.embedded ??= openShared());
  await withRestored({ dataDir }, schema, migrated, fn);
}

async function withServerDatabase(
  migrated: boolean,
  fn: (test: TestDatabase) => Promise<void>,
): Promise<void> {
  const { databaseUrl, schema } = await (shared.serverDatabase ??= makeServerDatabase());
  await withRestored({ databaseUrl, dataDir: "unused" }, schema, migrated, fn);
}

async function withRestored(
  place: { databaseUrl?: string; dataDir: string },
  schema: PristineSchema,
  migrated: boolean,
  fn: (test: TestDatabase) => Promise<void>,
): Promise<void> {
  // Connections of its own: those of the test before have prepared statements over types that are gone.
  const database = await openDatabase(place);
  const { sql } = database;
  try {
    await (migrated ? schema.restore(sql) : dropSchema(sql));
    await fn({ database, sql, databaseUrl: place.databaseUrl });
  } finally {
    await database.close();
  }
}

/** The host of the file's PGlite, to which each test attaches. */
async function openShared() {
  const dataDir = await Deno.makeTempDir({ prefix: "chandlery-pglite-" });
  cleanups.push(() => Deno.removeSync(dataDir, { recursive: true }));
  await copyEmptyCluster(dataDir);
  const host = await openDatabase({ dataDir });
  return { host, dataDir, schema: new PristineSchema() };
}

/** The database that the tests of this file use one after the other. */
async function makeServerDatabase() {
  return { databaseUrl: await createServerDatabase(), schema: new PristineSchema() };
}
