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
  const opened = tablesOf(before).filter(({ details }) => details.open).map(({ key }) => key);
  const scrolled = [...before.querySelectorAll(SCROLLED)].map((element) => ({
    label: labelOf(element),
    left: element.scrollLeft,
    top: element.scrollTop,
  }));
  const active = document.activeElement;
  const focused = active !== null && before.contains(active) ? keyOf(active) : null;
  before.replaceWith(after);
  for (const { details, key } of tablesOf(after)) {
    if (opened.includes(key)) details.open = true;
  }
  for (const element of after.querySelectorAll(SCROLLED)) {
    const place = scrolled.find(({ label }) => label === labelOf(element));
    if (place) element.scrollTo({ ...place, behavior: "instant" });
  }
  if (focused === null) return;
  const same = [...after.querySelectorAll<HTMLElement>(FOCUSABLE)]
    .find((element) => keyOf(element) === focused);
  if (!same) after.tabIndex = -1;
  (same ?? after).focus({ preventScroll: true });
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

/** What can be opened in it; by the section it is of, as its own name counts the rows it has now. */
function tablesOf(part: HTMLElement) {
  return [...part.querySelectorAll("details")].map((details) => {
    const section = details.closest("section")?.getAttribute("aria-labelledby");
    const name = details.querySelector("summary")?.textContent?.replaceAll(/\P{L}/gu, "");
    return { details, key: `${section} ${name}` };
  });
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
