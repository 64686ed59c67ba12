/** What a database error means to the person who runs this: one line that says what to do. */
import { OperatorError } from "../market/errors.ts";

/** What is known of the database that an error came from. */
export interface ErrorSource {
  description: string;
  /** Why an embedded database broke down; explains the connections that it lost. */
  readonly failure?: OperatorError | null;
}

const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name cannot be resolved now",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOENT: "there is no such socket",
  ETIMEDOUT: "it did not answer in time",
  CONNECT_TIMEOUT: "it did not answer in time",
};

const LOST = new Set([
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE"],
  ...["57P01", "57P02", "25P03", "08006"],
]);

const NOT_ENOUGH_SPACE = /no space left on device|disk quota exceeded|disk full/i;

/**
 * The error as one line for the operator, or null when it is not theirs to mend (a wrong query, a broken
 * constraint). The line never holds a password.
 */
export function explainDatabaseError(
  error: unknown,
  database: ErrorSource = { description: "the database" },
): OperatorError | null {
  for (const candidate of causesOf(error)) {
    if (candidate instanceof OperatorError) return candidate;
    const text = explain(candidate, database);
    if (text instanceof OperatorError) return text;
    if (text !== null) return new OperatorError(text, { cause: error });
  }
  return null;
}

/** Whether the error says that the connection was lost: what it was doing may be tried on another. */
export function isConnectionLost(error: unknown): boolean {
  return causesOf(error).some((candidate) => LOST.has(codeOf(candidate)));
}

/** Whether the error says that a disk has no space left, in whatever layer it arose. */
export function isDiskFull(error: unknown): boolean {
  return causesOf(error).some((candidate) =>
    ["53100", "ENOSPC", "EDQUOT"].includes(codeOf(candidate)) ||
    NOT_ENOUGH_SPACE.test(messageOf(candidate))
  );
}

function explain(error: unknown, database: ErrorSource): string | OperatorError | null {
  const where = database.description;
  const said = messageOf(error).replaceAll(/\s+/g, " ");
  const code = codeOf(error);
  // A file can be missing too; only that of a socket is meant here.
  const isMissingFile = code === "ENOENT" && error instanceof Deno.errors.NotFound;
  if (isDiskFull(error)) {
    return `The disk that holds the data of ${where} is full: free space there and start again`;
  }
  if (code in UNREACHABLE && !isMissingFile) {
    return `Cannot reach ${where}: ${
      UNREACHABLE[code]
    }; check that PostgreSQL runs and DATABASE_URL is right`;
  }
  if (LOST.has(code)) {
    return database.failure ??
      `The connection to ${where} was lost: check that the database runs, then start again`;
  }
  switch (code) {
    case "28P01":
    case "28000":
      return `${where} refuses the login (${said}): check the user and password in DATABASE_URL`;
    case "3D000":
      return `${where} does not exist: make it with createdb, or correct DATABASE_URL`;
    case "42501":
      return `${where} does not allow this (${said}): grant the user of DATABASE_URL CREATE on the database and all on schema market`;
    case "53300":
      return `${where} has no connection left (${said}): end other clients or raise max_connections`;
    case "57P03":
      return `${where} is not ready (${said}): wait until it is, then start again`;
    case "25006":
      return `${where} is read-only (${said}): point DATABASE_URL at the primary server`;
  }
  if (/certificate|TLS|SSL|handshake/i.test(said) && !/^\d/.test(code)) {
    return `Cannot make a TLS connection to ${where} (${said}): check sslmode and sslrootcert in DATABASE_URL`;
  }
  return null;
}

/** The error, what it was caused by, and what it stands for, outermost first. */
function causesOf(error: unknown): unknown[] {
  const found: unknown[] = [];
  const waiting = [error];
  while (waiting.length > 0 && found.length < 20) {
    const next = waiting.shift();
    found.push(next);
    if (next instanceof AggregateError) waiting.push(...next.errors);
    if (next instanceof Error && next.cause !== undefined) waiting.push(next.cause);
  }
  return found;
}

function codeOf(error: unknown): string {
  const isCoded = typeof error === "object" && error !== null && "code" in error;
  return isCoded && typeof error.code === "string" ? error.code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
