/** Parts of a page that are replaced by what the server says of them now. */
import { fetchPage } from "./fetch_page.ts";
import { swap } from "./swap.ts";

/**
 * Fetches the page again and replaces the elements of these ids.
 *
 * @throws when the page cannot be had or lacks a part; nothing is replaced then.
 */
export async function refreshParts(ids: readonly string[], signal: AbortSignal): Promise<void> {
  const page = await fetchPage(location.href, { cache: "no-store", signal });
  const pairs = ids.map((id) => {
    const [before, after] = [document.getElementById(id), page.getElementById(id)];
    if (before === null || after === null) throw new Error(`The page has no #${id}`);
    return { before, after: document.importNode(after, true) };
  });
  const { scrollX, scrollY } = globalThis;
  for (const { before, after } of pairs) swap(before, after);
  scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
}
