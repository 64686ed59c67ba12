/** Questions that take longer to compile than to answer. */
import type { Sql } from "./connect.ts";
import { inTransaction } from "./transaction.ts";

/**
 * Asks a question of many parts, in a read-only transaction in which the server does not compile it: once
 * it has statistics it spends up to 4 s on that (`jit`), for an answer that takes a tenth of a second.
 */
export function askUncompiled<T>(sql: Sql, ask: (tx: Sql) => PromiseLike<T>): Promise<T> {
  return inTransaction(sql, async (tx) => {
    await tx`set local jit = off`;
    return await ask(tx);
  }, "read only");
}
