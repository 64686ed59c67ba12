/** A transaction that survives the loss of its connection. */
import type { Sql } from "./connect.ts";
import { isConnectionLost } from "./errors.ts";

/** A server that ends a session says so first; it closes the connection at once then. */
const CLOSE_LIMIT_MS = 2_000;
const NEVER = new Promise<never>(() => {});

/**
 * Runs `fn` in a transaction: committed when its promise resolves, rolled back when it rejects.
 *
 * postgres.js rolls back over the connection even when that is what was lost, and the write to a closed
 * socket then ends the process. So nothing is sent any more once it is lost; the server rolls back by
 * itself.
 *
 * @param options What follows `begin`: `isolation level read committed`.
 */
export async function inTransaction<T>(
  sql: Sql,
  fn: (tx: Sql) => Promise<T>,
  options = "",
): Promise<T> {
  let lost: Error | undefined;
  try {
    const begun: Promise<unknown> = sql.begin(options, (transaction) => {
      const tx = refuseWhen(transaction as unknown as Sql, () => lost);
      return fn(tx).catch(async (error) => {
        // postgres.js rejects the whole when the connection closes; until then this waits. Even an error
        // of another kind may be the first that is heard of a loss.
        const limitMs = isConnectionLost(error) ? CLOSE_LIMIT_MS : 0;
        await new Promise((done) => setTimeout(done, limitMs));
        // What is thrown here makes it roll back: over a connection that is gone, that must never be.
        return lost === undefined ? Promise.reject(error) : NEVER;
      });
    });
    return await begun as T;
  } catch (error) {
    lost = error instanceof Error ? error : new Error(String(error));
    throw error;
  }
}

/** The client, which throws the error instead of making a query as soon as there is one. */
function refuseWhen(tx: Sql, error: () => Error | undefined): Sql {
  const check = () => {
    const found = error();
    if (found) throw found;
  };
  return new Proxy(tx, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args);
    },
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name === "unsafe") check();
      return value;
    },
  });
}
