/** What tests read out of a page's HTML. */
import assert from "node:assert/strict";

/** The text of a piece of HTML, without its tags, in words with one space between them. */
export function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, " ").replaceAll("&lt;", "<").replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
}

/** The section or card with this heading id, up to its end. */
export function sectionOf(html: string, headingId: string): string {
  const section = new RegExp(
    `<section[^>]* aria-labelledby="${headingId}"[^>]*>.*?</section>`,
    "s",
  );
  return section.exec(html)?.[0] ?? assert.fail(`no section ${headingId}`);
}

/** The texts of the cells of each row of the bodies of the tables in a piece of HTML. */
export function cellsOf(html: string): string[][] {
  return [...html.matchAll(/<tbody>(.*?)<\/tbody>/gs)].flatMap(([, body]) =>
    [...body!.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
      [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => textOf(cell!).trim())
    )
  );
}

/** The props of the islands of a name, in the order of the page. */
export function islandProps(html: string, name: string): Record<string, unknown>[] {
  const islands = new RegExp(
    `component-name="/islands/${name}.tsx" data-serialized-props="([^"]*)"`,
    "g",
  );
  return [...html.matchAll(islands)].map(([, json]) =>
    JSON.parse(json!.replaceAll("&quot;", '"').replaceAll("&amp;", "&"))
  );
}
