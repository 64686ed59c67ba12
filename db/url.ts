/** `DATABASE_URL` as libpq's users know it, turned into postgres.js options. */
import { userInfo } from "node:os";
import { OperatorError } from "../market/errors.ts";

export interface ServerAddress {
  /** Where the server is, without the password. */
  description: string;
  options: {
    host: string;
    port: number;
    user: string;
    pass: string;
    database: string;
    ssl: TlsOptions;
    prepare: boolean;
    connect_timeout: number;
    connection: { application_name: string; TimeZone: string; options?: string };
  };
}

type TlsOptions = false | "prefer" | {
  rejectUnauthorized: boolean;
  ca?: string;
  checkServerIdentity?: () => undefined;
};

const CONNECT_TIMEOUT_SECONDS = 10;

const PARAMETERS = new Set([
  ...[
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "connect_timeout",
    "application_name",
    "options",
  ],
  ...["sslmode", "sslrootcert", "prepare"],
]);

/** Parameters of libpq that hosting services put in the addresses they hand out; not needed here. */
const IGNORED_PARAMETERS = new Set([
  ...["channel_binding", "gssencmode", "target_session_attrs", "client_encoding", "pgbouncer"],
  ...["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "supa"],
]);

/** @throws {OperatorError} when it is not a PostgreSQL address; the value is never repeated. */
export function parseDatabaseUrl(databaseUrl: string): ServerAddress {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (url === null || !["postgres:", "postgresql:"].includes(url.protocol)) throw notAnAddress();
  const parameters = url.searchParams;
  for (const name of parameters.keys()) {
    if (PARAMETERS.has(name) || IGNORED_PARAMETERS.has(name)) continue;
    throw new OperatorError(
      `Cannot use DATABASE_URL as it has the unknown parameter "${name}": known are ${
        [...PARAMETERS].join(", ")
      }`,
    );
  }
  const host = parameters.get("host") ??
    (decode(url.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost");
  const port = Number(parameters.get("port") ?? (url.port || "5432"));
  if (!Number.isInteger(port)) {
    throw new OperatorError("Cannot use DATABASE_URL as its port is not a number: write port=5432");
  }
  const user = parameters.get("user") ?? (decode(url.username) || userInfo().username);
  const database = parameters.get("dbname") ?? (decode(url.pathname.slice(1)) || user);
  const runtimeOptions = parameters.get("options");
  return {
    description: `PostgreSQL at ${host}:${port}/${database}`,
    options: {
      host,
      port,
      user,
      pass: parameters.get("password") ?? decode(url.password),
      database,
      ssl: tlsOptions(parameters.get("sslmode"), parameters.get("sslrootcert"), host),
      // A pooler in transaction mode cannot keep prepared statements: `?prepare=false`.
      prepare: parameters.get("prepare") !== "false",
      connect_timeout: Number(parameters.get("connect_timeout")) || CONNECT_TIMEOUT_SECONDS,
      connection: {
        application_name: parameters.get("application_name") ?? "chandlery",
        TimeZone: "UTC",
        ...(runtimeOptions === null ? {} : { options: runtimeOptions }),
      },
    },
  };
}

function tlsOptions(mode: string | null, rootCert: string | null, host: string): TlsOptions {
  if (host.startsWith("/")) return false;
  const ca = rootCert === null || rootCert === "system" ? {} : { ca: readCertificate(rootCert) };
  switch (mode ?? (rootCert === "system" ? "verify-full" : "prefer")) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      // As libpq: a root certificate that is given is used.
      if (rootCert === null) return { rejectUnauthorized: false };
      return { rejectUnauthorized: true, ...ca, checkServerIdentity: () => undefined };
    case "verify-ca":
      return { rejectUnauthorized: true, ...ca, checkServerIdentity: () => undefined };
    case "verify-full":
      return { rejectUnauthorized: true, ...ca };
  }
  throw new OperatorError(
    `Cannot use DATABASE_URL as its sslmode is "${mode}": it must be disable, allow, prefer, require, verify-ca or verify-full`,
  );
}

function readCertificate(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new OperatorError(
      `Cannot read the sslrootcert "${path}" of DATABASE_URL: give the path of a PEM file`,
      { cause: error },
    );
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notAnAddress();
  }
}

function notAnAddress(): OperatorError {
  return new OperatorError(
    "Cannot read DATABASE_URL as it is not a PostgreSQL address: write postgres://user:password@host:5432/database, with special characters percent-encoded",
  );
}
