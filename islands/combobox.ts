/**
 * Search as you type: an editable combobox with a list (ARIA 1.2), for every field that takes an
 * instrument. Its form works without a script; this adds what it may mean while it is typed.
 */
import { h, type VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type FoundInstrument, searchInstruments } from "./search.ts";

/** So long after the last key that a quick typist asks once. */
const DEBOUNCE_MS = 120;

type Suggestions =
  | { state: "closed" }
  | { state: "failed" }
  | { state: "open"; query: string; found: FoundInstrument[]; active: number };

const CLOSED: Suggestions = { state: "closed" };

interface ComboboxOptions {
  /** Of the input; those of the list and its options begin with it. */
  id: string;
  /** What the list is of, for those who do not see it. */
  label: string;
  choose: (slug: string, input: HTMLInputElement) => void;
  /** On Escape while no suggestions are shown. */
  leave?: (input: HTMLInputElement) => void;
}

/** @returns the input's attributes, and what belongs behind it in a positioned parent. */
export function useCombobox(options: ComboboxOptions) {
  const { id, label, choose, leave } = options;
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const request = useRef<AbortController>(undefined);
  const [shown, show] = useState(CLOSED);
  const isListed = shown.state === "open" && shown.found.length > 0;
  const listId = `${id}-list`;
  const optionId = (at: number) => `${id}-option-${at}`;
  const active = shown.state === "open" ? shown.found[shown.active] : undefined;

  /** What is asked or about to be asked is not wanted any more. */
  const stop = () => {
    clearTimeout(timer.current);
    request.current?.abort();
  };
  const close = () => {
    stop();
    show(CLOSED);
  };
  const ask = async () => {
    const query = input.current?.value.trim() ?? "";
    stop();
    if (query === "") return close();
    const { signal } = request.current = new AbortController();
    try {
      const found = await searchInstruments(query, signal);
      if (signal.aborted) return;
      show({ state: "open", query, found, active: -1 });
    } catch {
      if (!signal.aborted) show({ state: "failed" });
    }
  };
  const askSoon = () => {
    stop();
    // Enter means what is typed now, not what the older answer offered.
    if (shown.state === "open") show({ ...shown, active: -1 });
    timer.current = setTimeout(ask, DEBOUNCE_MS);
  };
  const pick = (slug: string) => {
    close();
    if (input.current) choose(slug, input.current);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      event.preventDefault(); // which would empty a search field
      if (shown.state !== "closed") close();
      else if (input.current) leave?.(input.current);
      return;
    }
    if (event.key === "Enter" && active) {
      event.preventDefault();
      return pick(active.slug);
    }
    if (event.key === "ArrowDown" && shown.state !== "open") {
      event.preventDefault();
      return void ask();
    }
    if (shown.state !== "open") return;
    const next = nextActive(event.key, shown.active, shown.found.length);
    if (next === null) return;
    event.preventDefault();
    show({ ...shown, active: next });
  };

  useEffect(() => {
    // What was typed before the page came alive.
    if (document.activeElement === input.current && input.current?.value) void ask();
    return stop;
  }, []);
  useEffect(() => {
    if (active) {
      document.getElementById(optionId(shown.state === "open" ? shown.active : 0))
        ?.scrollIntoView({ block: "nearest" });
    }
  });

  return {
    input: {
      id,
      ref: input,
      role: "combobox",
      autocomplete: "off",
      spellcheck: false,
      "aria-autocomplete": "list",
      "aria-expanded": isListed,
      "aria-controls": listId,
      "aria-activedescendant": active && shown.state === "open"
        ? optionId(shown.active)
        : undefined,
      onInput: askSoon,
      onKeyDown,
      onBlur: close,
    } as const,
    suggestions: [
      h(
        "ul",
        {
          id: listId,
          class: "suggestions",
          role: "listbox",
          "aria-label": label,
          hidden: !isListed,
          // A press would take the focus, and with it the list, before the click is there.
          onMouseDown: (event: MouseEvent) => event.preventDefault(),
        },
        shown.state === "open" && shown.found.map(({ slug, symbol, name }, at) =>
          h(
            "li",
            {
              key: slug,
              id: optionId(at),
              role: "option",
              "aria-selected": at === shown.active,
              onClick: () => pick(slug),
            },
            h("b", null, symbol),
            h("span", null, name),
          )
        ),
      ),
      h("p", {
        class: isListed || shown.state === "closed" ? "visually-hidden" : "suggestions",
        role: "status",
      }, describe(shown)),
    ] satisfies VNode[],
  };
}

/** Where a key leads in a list of `count`, from -1 for none; null when it is no key of the list. */
function nextActive(key: string, active: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return (active + 1) % count;
  if (key === "ArrowUp") return active <= 0 ? count - 1 : active - 1;
  // In the text, Home and End move the caret.
  if (active < 0) return null;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

function describe(shown: Suggestions): string {
  if (shown.state === "closed") return "";
  if (shown.state === "failed") return "Suggestions failed to load. Press Enter to search.";
  const { found, query } = shown;
  if (found.length === 0) return `Nothing found for ${query}`;
  return found.length === 1 ? "1 instrument" : `${found.length} instruments`;
}
