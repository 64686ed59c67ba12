/** One way to reach the database, be it a PostgreSQL server or the embedded PGlite. */
import postgres from "postgres";
import { OperatorError } from "../market/errors.ts";
import { type Embedded, openEmbedded } from "./embedded.ts";
import { type ErrorSource, explainDatabaseError, isConnectionLost } from "./errors.ts";
import { openSocket } from "./socket.ts";
import { parseDatabaseUrl } from "./url.ts";

/**
 * A postgres.js client: rows with camelCase keys, `bigint` as number, `numeric` as exact text,
 * `timestamptz` as Date; values whose keys are camelCase go to snake_case columns.
 */
export type Sql = postgres.Sql<{ bigint: number }>;

export interface Lock {
  release(): Promise<void>;
}

export interface Database extends ErrorSource {
  sql: Sql;
  kind: "embedded" | "server";
  /** Where the data is, without a password. */
  description: string;
  /**
   * An exclusive lock of that name on this database, over all processes; null when another holder has it.
   * It ends with the process, kill -9 included.
   */
  tryLock(name: string): Promise<Lock | null>;
  close(): Promise<void>;
}

/** The oldest server whose SQL the migrations use. */
const OLDEST_SERVER = 150_000;
const POOL_SIZE = 8;
// postgres.js waits for ever for a connection that was lost in the middle of a query.
const CLOSE_LIMIT_SECONDS = 2;

const BIGINT = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse(text: string): number {
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    throw new RangeError(`Cannot read a bigint as a number exactly: ${text}`);
  },
};

const COMMON_OPTIONS = {
  max: POOL_SIZE,
  types: { bigint: BIGINT },
  transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
  onnotice: () => {},
};

/**
 * Opens the server at `databaseUrl` or, without one, the embedded database in `dataDir`, and proves that
 * it answers.
 *
 * @throws {OperatorError} when it cannot be reached or used; the message says what to do.
 */
export async function openDatabase(
  options: { databaseUrl?: string; dataDir: string },
): Promise<Database> {
  const database = options.databaseUrl === undefined
    ? embeddedDatabase(await openEmbedded(options.dataDir))
    : serverDatabase(options.databaseUrl);
  try {
    await checkVersion(database);
    return database;
  } catch (error) {
    await database.close();
    throw explainRefusedTls(error, options.databaseUrl) ?? explainDatabaseError(error, database) ??
      error;
  }
}

/** postgres.js asks for TLS and does not hear the server's no: the server then hangs up. */
function explainRefusedTls(error: unknown, databaseUrl: string | undefined): OperatorError | null {
  if (databaseUrl === undefined) return null;
  const { description, options } = parseDatabaseUrl(databaseUrl);
  const hangsUp = error instanceof Error && "code" in error &&
    (error.code === "ECONNRESET" || error.code === "CONNECTION_CLOSED");
  if (typeof options.ssl !== "object" || !hangsUp) return null;
  return new OperatorError(
    `Cannot make a TLS connection to ${description} as it has none: set ssl = on there, or sslmode=prefer in DATABASE_URL`,
    { cause: error },
  );
}

function embeddedDatabase(embedded: Embedded): Database {
  // Complete, so that no PG… variable of the environment has a say.
  const address = {
    host: "localhost",
    port: 5432,
    user: "postgres",
    pass: "",
    database: "postgres",
  };
  const sql = postgres({
    ...COMMON_OPTIONS,
    ...address,
    ssl: false,
    prepare: true,
    // The host thread answers between two queries, and one may take long.
    connect_timeout: 120,
    idle_timeout: 0,
    // The type wants null | number; postgres.js takes any function that makes a stream.
    ...{ socket: () => embedded.connect() },
  });
  return {
    sql,
    kind: "embedded",
    description: `PGlite in ${embedded.path}`,
    get failure() {
      return embedded.failure;
    },
    tryLock: (name) => embedded.tryLock(name),
    async close() {
      await sql.end({ timeout: CLOSE_LIMIT_SECONDS });
      await embedded.close();
    },
  };
}

function serverDatabase(databaseUrl: string): Database {
  const { description, options: address } = parseDatabaseUrl(databaseUrl);
  // The type wants null | number; postgres.js takes any function that makes a stream.
  const options = { ...COMMON_OPTIONS, ...address, ...{ socket: openSocket } };
  const sql = postgres(options);
  const lockClients = new Set<Sql>();
  globalThis.addEventListener("unhandledrejection", ignoreLostConnection);

  async function endLockClient(client: Sql): Promise<void> {
    lockClients.delete(client);
    await client.end({ timeout: CLOSE_LIMIT_SECONDS });
  }

  return {
    sql,
    kind: "server",
    description,
    async tryLock(name) {
      // A session of its own, that no time-out recycles: the lock lives exactly as long as it does.
      const client = postgres({ ...options, max: 1, max_lifetime: null, fetch_types: false });
      lockClients.add(client);
      try {
        const [row] = await client<{ isLocked: boolean }[]>`
          select pg_try_advisory_lock(hashtext('chandlery'), hashtext(${name})) as is_locked`;
        if (row?.isLocked) return { release: () => endLockClient(client) };
      } catch (error) {
        await endLockClient(client);
        throw error;
      }
      await endLockClient(client);
      return null;
    },
    async close() {
      await Promise.all([...lockClients].map(endLockClient));
      await sql.end({ timeout: CLOSE_LIMIT_SECONDS });
    },
  };
}

/**
 * A session that the server ends sometimes rejects one of postgres.js's own promises beside that of the
 * query, which is the one that counts and is answered for: the other must not end the process.
 */
function ignoreLostConnection(event: PromiseRejectionEvent): void {
  if (isConnectionLost(event.reason)) event.preventDefault();
}

async function checkVersion({ sql, description }: Database): Promise<void> {
  const [row] = await sql<{ number: number; name: string }[]>`
    select current_setting('server_version_num')::int as number,
      current_setting('server_version') as name`;
  if (row && row.number >= OLDEST_SERVER) return;
  throw new OperatorError(
    `Cannot use ${description} as it is PostgreSQL ${row?.name}: point DATABASE_URL at version 15 or newer`,
  );
}
