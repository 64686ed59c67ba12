/** Another state of the page, as the server renders it. */

const PATIENCE_MS = 10_000;

/** @throws when the page does not come, or `signal` ends the wait. */
export async function fetchPage(
  url: URL | string,
  { signal, ...init }: RequestInit & { signal: AbortSignal },
): Promise<Document> {
  const response = await fetch(url, {
    ...init,
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  if (!response.ok) throw new Error(`The page answers ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
