/** Work that goes on when its connection was lost. */
import { isConnectionLost } from "../../db/errors.ts";

/**
 * Does the work once more when it lost its connection: whoever hosts the embedded database may have ended,
 * and the next query finds the new host. What it had stored must not be changed by a second time.
 */
export async function withReconnect<T>(work: () => Promise<T>): Promise<T> {
  return await work().catch((error) => {
    if (!isConnectionLost(error)) throw error;
    return work();
  });
}
