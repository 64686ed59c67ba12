import type { ComponentChildren } from "preact";
import type { Source } from "../market/instrument.ts";
import { assetUrl } from "./assets.ts";
import { type Section, SiteHeader } from "./SiteHeader.tsx";
import { SourceBanner } from "./SourceBanner.tsx";

interface LayoutProps {
  page: { title: string; description?: string; section?: Section };
  /** Path and query of the page. */
  address: string;
  /** The theme that the person chose; null follows the system. */
  theme: "light" | "dark" | null;
  /** In which numbers are told; the islands read it from the document. */
  locale: string;
  source: Source;
  sourceNote: string;
  children: ComponentChildren;
}

/** The document around every page. */
export function Layout(
  { page, address, theme, locale, source, sourceNote, children }: LayoutProps,
) {
  return (
    <html lang="en" data-theme={theme ?? undefined} data-locale={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme ?? "light dark"} />
        <title>{`${page.title} · Chandlery`}</title>
        {page.description && <meta name="description" content={page.description} />}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl("static/site.css")} />
        <script type="module" src={assetUrl("client.ts")}></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <SiteHeader section={page.section} address={address} />
        <SourceBanner source={source} note={sourceNote} />
        <main id="content" tabIndex={-1}>{children}</main>
        <footer class="site-footer">
          <div>
            <p>Times are UTC unless a page says otherwise. Nothing here is investment advice.</p>
            <button type="button" class="plain-button" data-shortcuts>Keyboard shortcuts</button>
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
