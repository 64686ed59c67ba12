import SearchBox from "../islands/SearchBox.tsx";
import Shortcuts from "../islands/Shortcuts.tsx";
import ThemeSwitch from "../islands/ThemeSwitch.tsx";

/** `key` leads there after `g`. */
const SECTIONS = [
  { id: "market", href: "/", label: "Market", key: "m" },
  { id: "stocks", href: "/stocks", label: "Stocks", key: "s" },
  { id: "crypto", href: "/crypto", label: "Crypto", key: "c" },
  { id: "forex", href: "/forex", label: "Forex", key: "f" },
  { id: "compare", href: "/compare", label: "Compare", key: "o" },
  { id: "pipeline", href: "/pipeline", label: "Pipeline", key: "p" },
] as const;

/** An entry of the navigation. */
export type Section = typeof SECTIONS[number]["id"];

interface SiteHeaderProps {
  /** The entry that the page belongs to. */
  section?: Section;
  /** Path and query of the page. */
  address: string;
}

/** The head of every page: where one is, where one can go, and how it looks. */
export function SiteHeader({ section, address }: SiteHeaderProps) {
  const path = address.replace(/\?.*/, "");
  return (
    <header class="site-header">
      <div class="topbar">
        <a class="brand" href="/">
          <Mark />
          Chandlery
        </a>
        <nav aria-label="Main">
          {SECTIONS.map(({ id, href, label }) => (
            <a
              key={id}
              href={href}
              class={id === section ? "current" : undefined}
              aria-current={href === path ? "page" : undefined}
            >
              {label}
            </a>
          ))}
        </nav>
        <div class="tools">
          <SearchBox />
          <ThemeSwitch address={address} />
        </div>
      </div>
      <Shortcuts pages={SECTIONS.map(({ key, href, label }) => ({ key, href, label }))} />
    </header>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-up" d="M10 4v24" />
      <rect class="mark-up" x="6" y="9" width="8" height="13" rx="1.5" />
      <path class="mark-down" d="M22 4v24" />
      <rect class="mark-down" x="18" y="12" width="8" height="9" rx="1.5" />
    </svg>
  );
}
