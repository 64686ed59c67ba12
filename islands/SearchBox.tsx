import { useRef } from "preact/hooks";
import { useCombobox } from "./combobox.ts";
import { SEARCH_ID } from "./search.ts";

/** The search in the head of every page: a form that leads to a page, and suggestions while one types. */
export default function SearchBox() {
  const cameFrom = useRef<EventTarget>(null);
  const { input, suggestions } = useCombobox({
    id: SEARCH_ID,
    label: "Instruments",
    choose: (slug) => location.assign(`/instruments/${slug}`),
    leave: (field) => {
      field.blur();
      if (cameFrom.current instanceof HTMLElement) cameFrom.current.focus();
    },
  });
  return (
    <form class="search-box" role="search" action="/search" aria-label="All instruments">
      <svg width="16" height="16" viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="10.5" cy="10.5" r="6.5" />
        <path d="m15.5 15.5 5 5" />
      </svg>
      <input
        {...input}
        name="q"
        enterkeyhint="search"
        maxLength={100}
        placeholder="Search"
        aria-label="Search instruments"
        aria-keyshortcuts="/ Control+K Meta+K"
        onFocus={(event) => cameFrom.current = event.relatedTarget}
      />
      <kbd aria-hidden="true">/</kbd>
      {suggestions}
    </form>
  );
}
