/** The token that every change through the web needs; the database knows its digest only. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Sql } from "./connect.ts";

const TOKEN_BYTES = 32;

/**
 * Makes the token when there is none yet and keeps its SHA-256.
 *
 * @returns the new token (base64url), to be printed, as nobody can tell it later; null when there is one.
 */
export async function ensureAdminToken(sql: Sql, now: Date): Promise<string | null> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  // Of two processes that start at once only one has made it.
  const made = await sql`
    insert into market.admin_tokens (token_digest, made_at)
    values (${digestOf(token)}, ${now})
    on conflict do nothing
    returning made_at`;
  return made.length > 0 ? token : null;
}

/**
 * Whether `token` is the one: `configured`, the setting ADMIN_TOKEN, where it is set, else the one that
 * {@linkcode ensureAdminToken} made. It takes the same time however much of a guess is right.
 */
export async function isAdminToken(
  sql: Sql,
  token: string,
  configured?: string,
): Promise<boolean> {
  const expected = configured === undefined ? await storedDigest(sql) : digestOf(configured);
  return expected !== null && timingSafeEqual(digestOf(token), expected);
}

async function storedDigest(sql: Sql): Promise<Uint8Array | null> {
  const [row] = await sql<{ tokenDigest: Uint8Array }[]>`
    select token_digest from market.admin_tokens`;
  return row?.tokenDigest ?? null;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
