/** Brings schema `market` up to the numbered files of `db/migrations`. */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import Postgrator from "postgrator";
import postgres from "postgres";
import { OperatorError } from "../market/errors.ts";
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

export interface MigrateOptions {
  /** The folder of `NNNN.do.name.sql` files. */
  folder?: string;
}

interface Applied {
  version: number;
  md5: string | null;
}

interface MigrationFile {
  version: number;
  name: string;
  md5: string;
}

const FOLDER = join(import.meta.dirname ?? ".", "migrations");

/**
 * Applies what is missing, all or nothing, in one transaction that only one process at a time is in.
 * An up-to-date database is only read.
 *
 * @returns the version before and after
 * @throws {OperatorError} when the database is newer than the files, or an applied file has changed
 */
export async function migrate(
  sql: Sql,
  { folder = FOLDER }: MigrateOptions = {},
): Promise<{ from: number; to: number }> {
  const files = await listFiles(folder);
  const newest = files.at(-1)?.version ?? 0;
  const before = await listApplied(sql);
  checkHistory(before, files, newest);
  if (versionOf(before) === newest) return { from: newest, to: newest };

  // Read committed: what another process committed while this one waited for the lock must be seen.
  return await inTransaction(sql, async (transaction) => {
    await transaction`
      select pg_advisory_xact_lock(hashtext('chandlery'), hashtext('migrate'))`;
    const applied = await listApplied(transaction);
    checkHistory(applied, files, newest);
    await postgratorOn(transaction, folder).migrate();
    return { from: versionOf(applied), to: newest };
  }, "isolation level read committed");
}

function postgratorOn(transaction: Sql, folder: string) {
  return new Postgrator({
    driver: "pg",
    schemaTable: "market.schema_migrations",
    migrationPattern: join(folder.replaceAll(/[?*()[\]{}]/g, "[$&]"), "*.do.*.sql"),
    newline: "LF",
    execQuery: async (query) => ({ rows: (await transaction.unsafe(query)).map(withSqlNames) }),
    execSqlScript: async (script) => void await transaction.unsafe(script),
  });
}

/** Postgrator reads `column_name`, which this client calls `columnName`. */
function withSqlNames(row: postgres.Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [postgres.fromCamel(name), value]),
  );
}

async function listFiles(folder: string): Promise<MigrationFile[]> {
  const files: MigrationFile[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const [, number, title] = /^(\d+)\.do\.(.+)\.sql$/.exec(name) ?? [];
    if (number === undefined || title === undefined) continue;
    const text = (await Deno.readTextFile(join(folder, name))).replaceAll(/\r\n|\r/g, "\n");
    const md5 = createHash("md5").update(text, "utf8").digest("hex");
    files.push({ version: Number(number), name: basename(name), md5 });
  }
  return files.sort((a, b) => a.version - b.version);
}

async function listApplied(
  sql: Sql,
): Promise<Applied[]> {
  // Not to_regclass(): it may answer from a cache that does not know yet what others committed.
  const [found] = await sql<{ exists: boolean }[]>`
    select exists (
      select from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'market' and c.relname = 'schema_migrations'
    ) as exists`;
  if (!found?.exists) return [];
  return await sql<Applied[]>`
    select version, md5 from market.schema_migrations where version > 0 order by version`;
}

function checkHistory(applied: Applied[], files: MigrationFile[], newest: number): void {
  const version = versionOf(applied);
  if (version > newest) {
    throw new OperatorError(
      `Cannot use this database as a newer chandlery made it: it is at version ${version}, this program knows ${newest}; update the program`,
    );
  }
  for (const file of files) {
    const row = applied.find((candidate) => candidate.version === file.version);
    if (!row && file.version < version) {
      throw new OperatorError(
        `Cannot migrate as ${file.name} is older than the database (version ${version}) and was never applied: give it a higher number`,
      );
    }
    if (row?.md5 && row.md5 !== file.md5) {
      throw new OperatorError(
        `Cannot migrate as ${file.name} has changed since it was applied: restore the file and put the change into a new one`,
      );
    }
  }
}

function versionOf(applied: Applied[]): number {
  return applied.at(-1)?.version ?? 0;
}
