/** A PostgreSQL server: what the address means, and one clear line for all that can be wrong with it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openDatabase } from "../../db/connect.ts";
import { explainDatabaseError } from "../../db/errors.ts";
import { migrate } from "../../db/migrate.ts";
import { parseDatabaseUrl } from "../../db/url.ts";
import { OperatorError } from "../../market/errors.ts";
import { createServerDatabase, forEachDatabase, testWithServer } from "../support/databases.ts";
import { startPostgres } from "../support/postgres.ts";
import { spawnScript } from "../support/processes.ts";
import { withTempDir } from "../support/temp.ts";

const open = (databaseUrl: string) => openDatabase({ databaseUrl, dataDir: "unused" });

function assertOneLine(pattern: RegExp) {
  return (error: Error) => {
    assert.ok(error instanceof OperatorError, String(error));
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes("\n"));
    assert.ok(!error.message.includes("s3cret"));
    return true;
  };
}

forEachDatabase("sql reads and writes every type as the code expects it", async ({ sql }) => {
  const [row] = await sql`
    select current_setting('TimeZone') as time_zone, count(*) as row_count, 9007199254740991 as big,
      1.10::numeric as exact_price, '2025-02-03 12:15+00'::timestamptz as opened_at,
      ${["a", 'b,"c"']}::text[] as texts, array_position(${[
    1.5,
    null,
  ]}::numeric[], null) as null_at,
      '{"snake_key": 1}'::jsonb as payload
    from (values (1), (2)) v`;
  assert.deepEqual({ ...row }, {
    timeZone: "UTC",
    rowCount: 2,
    big: Number.MAX_SAFE_INTEGER,
    exactPrice: "1.10",
    openedAt: new Date("2025-02-03T12:15:00Z"),
    texts: ["a", 'b,"c"'],
    nullAt: 2,
    payload: { snake_key: 1 },
  });
  await assert.rejects(
    async () => await sql`select 9007199254740993 as big`,
    /bigint as a number exactly/,
  );
}, { migrated: false });

Deno.test("parseDatabaseUrl() reads an address as libpq does", () => {
  const full = parseDatabaseUrl(
    "postgresql://an%40user:s3cret%2F@db.example:6543/my%20db?sslmode=disable&application_name=x&connect_timeout=3",
  );
  assert.equal(full.description, "PostgreSQL at db.example:6543/my db");
  const { host, port, user, pass, database, ssl, connect_timeout } = full.options;
  assert.deepEqual(
    { host, port, user, pass, database, ssl, connect_timeout },
    {
      host: "db.example",
      port: 6543,
      user: "an@user",
      pass: "s3cret/",
      database: "my db",
      ssl: false,
      connect_timeout: 3,
    },
  );
  const short = parseDatabaseUrl("postgres://me@[::1]").options;
  assert.deepEqual([short.host, short.port, short.database, short.ssl], [
    "::1",
    5432,
    "me",
    "prefer",
  ]);
  assert.equal(parseDatabaseUrl("postgres://me@h/d?host=/run/pg").options.host, "/run/pg");
  assert.equal(
    parseDatabaseUrl("postgres://h/d?channel_binding=require&prepare=false").options.prepare,
    false,
  );
});

Deno.test("an address that is none, or says the unknown, is refused without repeating it", () => {
  const refused: [string, RegExp][] = [
    ["", /not a PostgreSQL address/],
    ["me:s3cret@host/db", /not a PostgreSQL address/],
    ["mysql://me:s3cret@host/db", /not a PostgreSQL address/],
    ["postgres://me:s3cret@host:port/db", /not a PostgreSQL address/],
    ["postgres://me:s3cret%@host/db", /not a PostgreSQL address/],
    ["postgres://me:s3cret@host/db?sslmod=require", /unknown parameter "sslmod"/],
    ["postgres://me:s3cret@host/db?sslmode=sometimes", /sslmode is "sometimes"/],
    ["postgres://me:s3cret@host/db?port=many", /port is not a number/],
    [
      "postgres://me:s3cret@host/db?sslmode=verify-ca&sslrootcert=/none.pem",
      /sslrootcert "\/none.pem"/,
    ],
  ];
  for (const [url, pattern] of refused) {
    assert.throws(() => parseDatabaseUrl(url), assertOneLine(pattern), url);
  }
});

Deno.test("a server that cannot be reached is one line that names it", async () => {
  // Port 1 is nobody's, and .invalid never resolves.
  await assert.rejects(
    open("postgres://me:s3cret@127.0.0.1:1/db"),
    assertOneLine(/^Cannot reach PostgreSQL at 127\.0\.0\.1:1\/db: nothing listens there/),
  );
  await assert.rejects(
    open("postgres://me:s3cret@nowhere.invalid/db"),
    assertOneLine(/^Cannot reach PostgreSQL at nowhere\.invalid:5432\/db: /),
  );
});

Deno.test("a server that does not answer is given up after connect_timeout", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) accepted.push(connection);
  })();
  await assert.rejects(
    open(`postgres://me:s3cret@127.0.0.1:${silent.addr.port}/db?connect_timeout=1&sslmode=disable`),
    assertOneLine(/did not answer in time/),
  );
  silent.close();
  for (const connection of accepted) connection.close();
  await accepting;
});

testWithServer(
  "wrong password, missing database and missing rights are one line each",
  async (server) => {
    const address = new URL(await createServerDatabase());
    const admin = await open(address.href);
    await admin.sql`create role guarded login password 's3cret'`;
    const as = (user: string, password: string, database = address.pathname.slice(1)) =>
      `postgres://${user}:${password}@${address.host}/${database}`;
    await assert.rejects(
      open(as("guarded", "wrong")),
      assertOneLine(/refuses the login .*guarded.*DATABASE_URL/),
    );
    await assert.rejects(
      open(as("guarded", "s3cret", "none")),
      assertOneLine(/\/none does not exist/),
    );
    const guarded = await open(as("guarded", "s3cret"));
    const error = await migrate(guarded.sql).catch((error) => error);
    const explained = explainDatabaseError(error, guarded);
    assert.match(explained?.message ?? "", /does not allow this .*permission denied/);
    assert.ok(!guarded.description.includes("s3cret"));
    await guarded.close();
    await admin.close();
    assert.ok(server.name.startsWith("PostgreSQL"));
  },
);

testWithServer("a connection that the server ends is replaced at the next query", async () => {
  const url = await createServerDatabase();
  const [database, other] = [await open(url), await open(url)];
  const lost = await database.sql`select pg_terminate_backend(pg_backend_pid())`.catch((e) => e);
  assert.match(
    explainDatabaseError(lost, database)?.message ?? "",
    /connection to PostgreSQL at .* was lost/,
  );
  await other.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  // The end of an idle connection may be heard before or after the query: once it is, all is well.
  while (await database.sql`select 1`.then(() => false, () => true)) continue;
  await Promise.all([database.close(), other.close()]);
});

testWithServer(
  "a lock of tryLock() ends with the process that was killed, and with close()",
  async () => {
    const url = await createServerDatabase();
    const database = await open(url);
    const child = spawnScript(`
    const database = await openDatabase({ databaseUrl: ${JSON.stringify(url)}, dataDir: "" });
    print(await database.tryLock("run") !== null);
    await signal();
  `);
    assert.equal(await child.nextValue(), true);
    assert.equal(await database.tryLock("run"), null);
    child.kill("SIGKILL");
    await child.finish();
    let lock = await database.tryLock("run");
    while (!lock) lock = await database.tryLock("run");
    await database.close();
    const next = await open(url);
    let again = await next.tryLock("run");
    while (!again) again = await next.tryLock("run");
    await next.close();
  },
);

testWithServer(
  "sslmode=require is refused by a server without TLS; prefer does without",
  async (server) => {
    await assert.rejects(
      open(`${server.url()}?sslmode=require`),
      assertOneLine(/TLS connection to PostgreSQL/),
    );
    const database = await open(`${server.url()}?sslmode=prefer`);
    assert.equal((await database.sql`select 1 as one`)[0]?.one, 1);
    await database.close();
  },
);

testWithServer(
  "TLS is made as sslmode says: with any certificate, or with one that is known",
  async () => {
    await withTempDir(async (dir) => {
      const [cert, key] = [join(dir, "server.crt"), join(dir, "server.key")];
      const { success } = await new Deno.Command("openssl", {
        args: [
          ...[
            "req",
            "-new",
            "-x509",
            "-nodes",
            "-days",
            "2",
            "-newkey",
            "rsa:2048",
            "-subj",
            "/CN=other",
          ],
          ...["-addext", "subjectAltName=DNS:other.example", "-out", cert, "-keyout", key],
        ],
        stderr: "null",
      }).output();
      assert.ok(success, "openssl makes the certificate");
      const server = await startPostgres({
        settings: { ssl: "on" },
        files: { "server.crt": await Deno.readFile(cert), "server.key": await Deno.readFile(key) },
      });
      try {
        const isEncrypted = async (parameters: string) => {
          const database = await open(`${server.url()}?${parameters}`);
          const [row] = await database.sql`
          select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
          await database.close();
          return row?.ssl;
        };
        assert.equal(await isEncrypted("sslmode=disable"), false);
        assert.equal(await isEncrypted(""), true);
        assert.equal(await isEncrypted("sslmode=require"), true);
        assert.equal(await isEncrypted(`sslmode=verify-ca&sslrootcert=${cert}`), true);
        const refused = assertOneLine(/^Cannot make a TLS connection to .*check sslmode/);
        await assert.rejects(isEncrypted("sslmode=verify-ca"), refused);
        await assert.rejects(isEncrypted("sslmode=verify-full"), refused);
        // The right issuer, but a certificate for another host.
        await assert.rejects(isEncrypted(`sslmode=verify-full&sslrootcert=${cert}`), refused);
      } finally {
        await server.stop();
      }
    });
  },
);

Deno.test("explainDatabaseError() knows whose turn it is", () => {
  const where = { description: "PostgreSQL at h:5432/d" };
  const coded = (code: string, message = "said") => Object.assign(new Error(message), { code });
  const explained = (error: unknown) => explainDatabaseError(error, where)?.message ?? null;
  assert.match(explained(coded("53100")) ?? "", /disk .* is full: free space/);
  assert.match(
    explained(new Error("run failed", { cause: coded("ENOSPC") })) ?? "",
    /disk .* is full/,
  );
  assert.match(explained(new AggregateError([coded("ECONNREFUSED")])) ?? "", /nothing listens/);
  assert.match(explained(coded("25006")) ?? "", /read-only/);
  assert.match(explained(coded("53300")) ?? "", /no connection left/);
  assert.equal(explained(coded("23505", "duplicate key")), null);
  assert.equal(explained(coded("42601", "syntax error")), null);
  assert.equal(explained("text"), null);
  const own = new OperatorError("mine");
  assert.equal(explainDatabaseError(new Error("outer", { cause: own })), own);
});
