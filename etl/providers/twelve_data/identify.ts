/** Tells a simulator from the real thing. */
import { SIMULATOR_HEADER } from "./http.ts";

/**
 * Whether what answers at a base URL is a simulator. It is asked without the key; one that does not
 * answer within 5 s is not taken for one.
 */
export async function answersAsSimulator(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/api_usage`, { signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.headers.has(SIMULATOR_HEADER);
  } catch {
    return false;
  }
}
