/** Parts of a page that are replaced by what the server says of them now. */

/** What tells an element of a part from the others after it was replaced. */
interface Mark {
  selector: string;
  key: string;
}

const KEPT = "a, summary, [tabindex], button, input, select";

/**
 * Fetches the page again and replaces the elements of these ids. What is open, how far it is scrolled
 * and what has the focus stay; islands in them begin anew.
 *
 * @throws when the page cannot be had or lacks a part; nothing is replaced then.
 */
export async function replaceParts(ids: readonly string[], signal: AbortSignal): Promise<void> {
  const response = await fetch(location.href, { cache: "no-store", signal });
  if (!response.ok) throw new Error(`The page answers ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const pairs = ids.map((id) => {
    const [before, after] = [document.getElementById(id), page.getElementById(id)];
    if (before === null || after === null) throw new Error(`The page has no #${id}`);
    return { before, after: document.importNode(after, true) };
  });
  const { scrollX, scrollY } = globalThis;
  for (const { before, after } of pairs) {
    const restore = remember(before);
    before.replaceWith(after);
    restore(after);
  }
  scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
}

/** Notes what a person did to a part; the answer does the same to its successor. */
function remember(part: HTMLElement): (successor: HTMLElement) => void {
  const opened = [...part.querySelectorAll("details[open] > summary")].map(textOf);
  const scrolled = [...part.querySelectorAll(".table-scroll, .chart-scroll")].map((element) => ({
    key: labelOf(element),
    left: element.scrollLeft,
    top: element.scrollTop,
  }));
  const active = document.activeElement;
  const focused: Mark | null = active !== null && part.contains(active)
    ? { selector: active.localName, key: keyOf(active) }
    : null;
  return (successor) => {
    for (const summary of successor.querySelectorAll("summary")) {
      if (opened.includes(textOf(summary))) summary.parentElement?.setAttribute("open", "");
    }
    for (const element of successor.querySelectorAll(".table-scroll, .chart-scroll")) {
      const before = scrolled.find(({ key }) => key === labelOf(element));
      if (before) element.scrollTo({ ...before, behavior: "instant" });
    }
    if (focused === null) return;
    const same = [...successor.querySelectorAll<HTMLElement>(KEPT)].find((element) =>
      element.localName === focused.selector && keyOf(element) === focused.key
    );
    same?.focus({ preventScroll: true });
  };
}

function keyOf(element: Element): string {
  return [element.getAttribute("href"), labelOf(element), textOf(element)].join(" ");
}

function labelOf(element: Element): string {
  return element.getAttribute("aria-label") ?? "";
}

function textOf(element: Element): string {
  return element.localName === "summary" || element.localName === "a"
    ? element.textContent?.trim() ?? ""
    : "";
}
