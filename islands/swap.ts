/** An element of the page put in the place of what it was before. */

const FOCUSABLE = "a, summary, [tabindex], button, input, select";
const SCROLLED = ".table-scroll, .chart-scroll";

/**
 * Replaces `before` by `after`. What is open, how far it is scrolled and what has the focus stay as the
 * person left them; islands in it begin anew.
 *
 * @param asked {@linkcode typedText} as the part was asked for: what was typed since stays too.
 */
export function swap(before: HTMLElement, after: HTMLElement, asked?: string): void {
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
  if (
    active instanceof HTMLInputElement && same instanceof HTMLInputElement &&
    active.value !== asked
  ) retype(active, same);
}

/** What the field with the focus holds; undefined where no field has it. */
export function typedText(): string | undefined {
  const active = document.activeElement;
  return active instanceof HTMLInputElement ? active.value : undefined;
}

/** What was typed while the answer was on its way stays, and counts. */
function retype(typed: HTMLInputElement, input: HTMLInputElement): void {
  input.value = typed.value;
  // Only fields of text have a selection.
  if (typed.selectionStart !== null) {
    input.setSelectionRange(typed.selectionStart, typed.selectionEnd);
  }
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
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
