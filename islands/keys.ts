/** What a key means on a page as a whole; the keys of a chart are the chart's. */

/** What a key asks for. */
export type Command = "search" | "theme" | "help" | { goTo: string };

/** After `g`, the key of a page must follow within this time. */
const SEQUENCE_MS = 1500;
const SWITCH = "single-key-shortcuts";

/**
 * Whether a single key is a shortcut: a person who speaks to the computer, or whose hand slips, may turn
 * them off (WCAG 2.1.4). A browser that keeps nothing has them on.
 */
export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

/** Remembers the choice in this browser. */
export function setSingleKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "off");
  } catch {
    // It holds for this page then.
  }
}

/** Reads keys one after the other; `pages` are the addresses behind `g`. */
export function createKeyReader(pages: ReadonlyMap<string, string>) {
  let goPressedAt = -Infinity;
  return (event: KeyboardEvent, areSingleOn: boolean): Command | null => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return null;
    const isAfterGo = event.timeStamp - goPressedAt < SEQUENCE_MS;
    goPressedAt = -Infinity;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      return event.key.toLowerCase() === "k" ? "search" : null;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !areSingleOn || isTyping(event.target)) {
      return null;
    }
    const page = pages.get(event.key);
    if (isAfterGo && page !== undefined) return { goTo: page };
    switch (event.key) {
      case "g":
        goPressedAt = event.timeStamp;
        return null;
      case "/":
        return "search";
      case "t":
        return "theme";
      case "?":
        return "help";
      default:
        return null;
    }
  };
}

/** Whether keys write into what has the focus, or choose in it. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=listbox]"));
}
