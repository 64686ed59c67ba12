/** The watchlist without requests: a cookie, the star buttons, and the rows on top of the page. */
import { SLUG } from "../market/slug.ts";
import { PART_SHOWN } from "./page_parts.ts";
import { COOKIE_SECONDS, MOST_STARS, SEPARATOR } from "./preference_cookies.ts";

/** Stars work in place from now on, and `announce` says what they did; returns what ends that. */
export function keepWatchlist(announce: (message: string) => void): () => void {
  const toggle = (event: SubmitEvent) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || !button.matches(".star")) return;
    event.preventDefault();
    const slug = button.value;
    const others = readWatchlist().filter((other) => other !== slug);
    const isStarred = button.name === "unstar";
    writeWatchlist(isStarred ? others : [...others, slug]);
    const symbol = button.getAttribute("aria-label")?.replace(/^Star /, "");
    showWatchlist();
    if (!button.isConnected) focusNear(slug);
    const isKept = readWatchlist().includes(slug) !== isStarred;
    announce(
      isKept
        ? `${symbol} is ${isStarred ? "off" : "on"} the watchlist`
        : "The watchlist did not change: the browser keeps no cookies of this site",
    );
  };
  showWatchlist();
  document.addEventListener("submit", toggle);
  document.addEventListener(PART_SHOWN, showWatchlist);
  // A page that the browser kept may be older than the choice.
  addEventListener("pageshow", showWatchlist);
  return () => {
    document.removeEventListener("submit", toggle);
    document.removeEventListener(PART_SHOWN, showWatchlist);
    removeEventListener("pageshow", showWatchlist);
  };
}

/** A cookie is anyone's text: what is none of ours is left out, as the server does. */
function readWatchlist(): string[] {
  const [, value = ""] = document.cookie.match(/(?:^|; )watchlist=([^;]*)/) ?? [];
  try {
    return decodeURIComponent(value).split(SEPARATOR).filter((slug) => SLUG.test(slug));
  } catch {
    return [];
  }
}

function writeWatchlist(slugs: string[]): void {
  const value = encodeURIComponent(slugs.slice(-MOST_STARS).join(SEPARATOR));
  const age = slugs.length === 0 ? 0 : COOKIE_SECONDS;
  document.cookie = `watchlist=${value}; path=/; max-age=${age}; samesite=lax`;
}

/** Makes buttons and rows what the cookie says; it changes nothing where they are. */
function showWatchlist(): void {
  const slugs = readWatchlist();
  showRows(slugs);
  for (const button of document.querySelectorAll<HTMLButtonElement>("button.star")) {
    const isStarred = slugs.includes(button.value);
    button.name = isStarred ? "unstar" : "star";
    button.setAttribute("aria-pressed", String(isStarred));
  }
}

/** A starred row is a copy of the one in the table; an instrument that has none is left out. */
function showRows(slugs: string[]): void {
  const section = document.getElementById("watchlist");
  const body = section?.querySelector("tbody");
  if (!section || !body) return;
  const rows = slugs.flatMap((slug) => {
    const row = findRow(body, slug) ?? findRow(document.getElementById("instruments"), slug);
    return row ? [row.parentElement === body ? row : copyRow(row)] : [];
  });
  if (rows.length !== body.children.length || rows.some((row, at) => row !== body.children[at])) {
    body.replaceChildren(...rows);
  }
  section.querySelector<HTMLElement>(".table-card")!.hidden = rows.length === 0;
  section.querySelector<HTMLElement>(".hint")!.hidden = rows.length > 0;
}

function copyRow(row: HTMLElement): HTMLElement {
  const copy = row.cloneNode(true) as HTMLElement;
  copy.hidden = false;
  return copy;
}

/** The row that was taken off had the focus: it goes to the star of the same instrument below. */
function focusNear(slug: string): void {
  const row = findRow(document.getElementById("instruments"), slug);
  row?.querySelector<HTMLElement>(".star")?.focus({ preventScroll: true });
}

function findRow(parent: Element | null, slug: string): HTMLElement | undefined {
  return [...parent?.querySelectorAll<HTMLElement>("tr[data-slug]") ?? []]
    .find((row) => row.dataset.slug === slug);
}
