/** An element of the page put in the place of what it was before. */

const FOCUSABLE = "a, summary, [tabindex], button, input, select";
const SCROLLED = ".table-scroll, .chart-scroll";

/**
 * Replaces `before` by `after`. What is open, how far it is scrolled and what has the focus stay as the
 * person left them; islands in it begin anew.
 */
export function swap(before: HTMLElement, after: HTMLElement): void {
  const opened = [...before.querySelectorAll("details[open] > summary")].map(textOf);
  const scrolled = [...before.querySelectorAll(SCROLLED)].map((element) => ({
    label: labelOf(element),
    left: element.scrollLeft,
    top: element.scrollTop,
  }));
  const active = document.activeElement;
  const focused = active !== null && before.contains(active) ? keyOf(active) : null;
  before.replaceWith(after);
  for (const summary of after.querySelectorAll("summary")) {
    if (opened.includes(textOf(summary))) summary.parentElement?.setAttribute("open", "");
  }
  for (const element of after.querySelectorAll(SCROLLED)) {
    const place = scrolled.find(({ label }) => label === labelOf(element));
    if (place) element.scrollTo({ ...place, behavior: "instant" });
  }
  if (focused === null) return;
  const same = [...after.querySelectorAll<HTMLElement>(FOCUSABLE)]
    .find((element) => keyOf(element) === focused);
  same?.focus({ preventScroll: true });
}

/** What a person would call the same control, wherever it leads now and however it sorts. */
function keyOf(element: Element): string {
  return [element.localName, element.getAttribute("name"), labelOf(element), textOf(element)]
    .join(" ");
}

function labelOf(element: Element): string {
  return element.getAttribute("aria-label") ?? "";
}

function textOf(element: Element): string {
  // A select's text are its options, which may change.
  if (!["summary", "a", "button"].includes(element.localName)) return "";
  return (element.textContent ?? "").replace(/[▲▼]/g, "").trim();
}
