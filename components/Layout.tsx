import type { ComponentChildren } from "preact";
import type { Source } from "../market/instrument.ts";
import { assetUrl } from "./assets.ts";
import { SourceBanner } from "./SourceBanner.tsx";

interface LayoutProps {
  page: { title: string; description?: string; section?: "market" | "pipeline" };
  path: string;
  source: Source;
  sourceNote: string;
  children: ComponentChildren;
}

const SECTIONS = [
  { id: "market", href: "/", label: "Market" },
  { id: "pipeline", href: "/pipeline", label: "Pipeline" },
] as const;

/** The document around every page. */
export function Layout({ page, path, source, sourceNote, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${page.title} · Chandlery`}</title>
        {page.description && <meta name="description" content={page.description} />}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl("static/site.css")} />
        <script type="module" src={assetUrl("client.ts")}></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
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
                  class={id === page.section ? "current" : undefined}
                  aria-current={href === path ? "page" : undefined}
                >
                  {label}
                </a>
              ))}
            </nav>
          </div>
        </header>
        <SourceBanner source={source} note={sourceNote} />
        <main id="content" tabIndex={-1}>{children}</main>
        <footer class="site-footer">
          <div>
            <p>Times are UTC unless a page says otherwise. Nothing here is investment advice.</p>
            <p>
              Charts by <a href="https://www.tradingview.com/">TradingView</a>{" "}
              Lightweight Charts™ and <a href="https://frappe.io/charts">Frappe Charts</a>.
            </p>
          </div>
        </footer>
      </body>
    </html>
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
