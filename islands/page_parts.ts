/** Links that change a part of the page in place: the server renders it, the address follows. */
import { fetchPage } from "./fetch_page.ts";
import { swap, typedText } from "./swap.ts";

/** Said on the document when a part was replaced. */
export const PART_SHOWN = "chandlery:part-shown";

/** The part that holds all that an address of a page can change. */
const WHOLE = "live";

const view = { address: "", pending: new AbortController() };

/** Makes links with `data-live`, the id of what they change, work in place; returns what ends that. */
export function followLinks(): () => void {
  const [loaded] = performance.getEntriesByType("navigation");
  view.address = addressOf(new URL(loaded?.name ?? location.href));
  document.addEventListener("click", followLink);
  addEventListener("popstate", showHistory);
  // Who went back before anybody listened has the address of one view and the sight of another.
  showHistory();
  return () => {
    document.removeEventListener("click", followLink);
    removeEventListener("popstate", showHistory);
  };
}

/** Says in the address what the page shows already. */
export function replaceAddress(url: URL): void {
  history.replaceState(history.state, "", url);
  view.address = addressOf(url);
}

/**
 * Replaces a part by that of the page at `url`; where that does not work, the browser goes there. Of two
 * calls the later one counts.
 */
export async function showPart(url: URL, id: string, { isNew }: { isNew: boolean }): Promise<void> {
  stopPending();
  const { signal } = view.pending = new AbortController();
  const old = document.getElementById(id);
  old?.setAttribute("aria-busy", "true");
  const asked = typedText();
  const next = await fetchPage(url, { signal }).catch(() => null);
  if (signal.aborted) return;
  const part = next?.getElementById(id);
  if (!next || !part || !old) return location.assign(url);
  // What is current already is no step to go back.
  if (isNew && url.href !== location.href) history.pushState(null, "", url);
  view.address = addressOf(url);
  document.title = next.title;
  swap(old, document.adoptNode(part), asked);
  // Links elsewhere that lead on from the new address.
  for (const follower of next.querySelectorAll("[data-follows]")) {
    document.getElementById(follower.id)?.replaceWith(document.adoptNode(follower));
  }
  document.dispatchEvent(new Event(PART_SHOWN));
}

/** What is on its way is not wanted any more. */
function stopPending(): void {
  view.pending.abort();
  for (const part of document.querySelectorAll("[aria-busy]")) part.removeAttribute("aria-busy");
}

function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element && event.target.closest("a[data-live]");
  const isPlain = event.button === 0 &&
    !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  // A keyboard's focus is on the link already; a pointer's may not be.
  link.focus({ preventScroll: true });
  void showPart(new URL(link.href), link.dataset.live ?? WHOLE, { isNew: true });
}

/** Back and forward: the browser has changed the address, and what is shown follows. */
function showHistory(): void {
  if (addressOf(location) === view.address) return stopPending();
  void showPart(new URL(location.href), WHOLE, { isNew: false });
}

function addressOf({ pathname, search }: { pathname: string; search: string }): string {
  return pathname + search;
}
