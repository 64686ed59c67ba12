/** What the HTML of a page of the market says, for tests. */
import assert from "node:assert/strict";

/** A row of the overview or of the watchlist. */
export interface OverviewLine {
  symbol: string;
  slug: string;
  kind: string;
  isHidden: boolean;
  isStarred: boolean;
  /** The exact price; undefined when there is none. */
  price: string | undefined;
  /** Text: price and age, the changes over 1 h, 24 h, 7 d, 30 d, YTD and 1 y, the volume. */
  cells: string[];
}

/** The text of a piece of HTML. */
export function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** The section that has this id, or the heading that labels it. */
export function sectionOf(html: string, id: string): string {
  const sections = html.match(/<section (?:(?!<section ).)*?<\/section>/gs) ?? [];
  const found = sections.find((section) =>
    section.startsWith(`<section id="${id}"`) || section.includes(`aria-labelledby="${id}"`)
  );
  return found ?? assert.fail(`no section ${id}`);
}

/** The rows of the table of instruments, or of the watchlist. */
export function overviewLines(
  html: string,
  id: "instruments" | "watchlist" = "instruments",
): OverviewLine[] {
  const rows = sectionOf(html, id)
    .matchAll(/<tr data-slug="([^"]*)" data-kind="([^"]*)"( hidden)?>(.*?)<\/tr>/gs);
  return [...rows].map(([, slug, kind, hidden, row]) => ({
    symbol: textOf(/class="symbol">(.*?)<\/a>/.exec(row!)![1]!),
    slug: slug!,
    kind: kind!,
    isHidden: hidden !== undefined,
    isStarred: /class="star"[^>]*aria-pressed="true"|aria-pressed="true"[^>]*class="star"/.test(
      row!,
    ),
    price: /<data value="([^"]+)"/.exec(row!.split("<td")[2]!)?.[1],
    cells: row!.split(/<td[^>]*>/).slice(2, -1).map(textOf),
  }));
}

/** The symbols that are shown. */
export function shownSymbols(html: string): string[] {
  return overviewLines(html).filter(({ isHidden }) => !isHidden).map(({ symbol }) => symbol);
}

/** The text of each figure tile, by its title. */
export function tilesOf(html: string): Map<string, string> {
  const tiles = html.matchAll(/<div class="card tile[^"]*"><dt>(.*?)<\/dt>(.*?)<\/div>/gs);
  return new Map([...tiles].map(([, title, rest]) => [textOf(title!), textOf(rest!)]));
}

/** A change as a cell shows it: arrow, sign and two decimals; a dash where none is known. */
export function changeText(percent: number | null): string {
  if (percent === null) return "–";
  const shown = Number(percent.toFixed(2));
  const [arrow, sign] = shown > 0 ? ["▲", "+"] : shown < 0 ? ["▼", "−"] : ["■", ""];
  return `${arrow}${sign}${Math.abs(percent).toFixed(2)} %`;
}

/** What a page hands to each of its islands of that name. */
export function islandProps(html: string, name: string): Record<string, unknown>[] {
  const islands = new RegExp(
    `component-name="/islands/${name}.tsx" data-serialized-props="([^"]*)"`,
    "g",
  );
  return [...html.matchAll(islands)].map(([, json]) =>
    JSON.parse(json!.replaceAll("&quot;", '"').replaceAll("&amp;", "&"))
  );
}
