/** The weight budget: what of a site's bundles a page loads, compressed, and what it may weigh. */
import { gzipSync } from "node:zlib";
import { ISLAND, type PageIslands } from "./page_islands.ts";

/** Vite's manifest: a source, or the name of a shared part, and what was made of it. */
export type Manifest = Record<string, {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}>;

/** One line of the budget. */
export interface Load {
  what: string;
  /** Compressed. */
  bytes: number;
  limitBytes: number;
}

const KB = 1000;
export const HTML_LIMIT_BYTES = 40 * KB;

const ENTRY = "client.ts";
const STYLES = "static/site.css";
const PRICE_CHART = "islands/PriceChart.tsx";

/** What `bytes` are on their way. */
export function weigh(bytes: Uint8Array): number {
  return gzipSync(bytes).length;
}

/**
 * What each page loads at most, beside what it may: all its islands count, seen or not.
 *
 * @param weightOf of the file of that name, in bytes, compressed
 * @throws when the manifest lacks what the budget is about: a budget of nothing would always be kept.
 */
export function listLoads(
  manifest: Manifest,
  pages: PageIslands[],
  weightOf: (file: string) => number,
): Load[] {
  if (pages.length === 0) throw new Error("Cannot weigh the site as it has no page");
  const sum = (files: Set<string>) => [...files].reduce((total, file) => total + weightOf(file), 0);
  return [
    { what: "CSS", bytes: sum(filesFrom(manifest, STYLES, [])), limitBytes: 15 * KB },
    ...pages.map(({ page, islands }) => ({
      what: `JavaScript of ${page}`,
      bytes: sum(filesFrom(manifest, ENTRY, islands)),
      limitBytes: (islands.includes(PRICE_CHART) ? 110 : 40) * KB,
    })),
  ];
}

/** `CSS   4.1 kB of 15 kB`, aligned; a line that is over its limit says so. */
export function describeLoads(loads: Load[]): string {
  return loads.map(({ what, bytes, limitBytes }) => {
    const [weight, limit] = [bytes, limitBytes].map((count) => (count / KB).toFixed(1));
    const result = bytes <= limitBytes ? "" : ": too heavy";
    return `${what.padEnd(36)} ${weight!.padStart(6)} kB of ${limit!.padStart(5)} kB${result}`;
  }).join("\n");
}

export function isTooHeavy({ bytes, limitBytes }: Load): boolean {
  return bytes > limitBytes;
}

/** The files of `source` and of all that it imports now or later; of the islands only `islands`. */
function filesFrom(manifest: Manifest, source: string, islands: string[]): Set<string> {
  const seen = new Set([source, ...islands]);
  for (const name of seen) {
    const { imports = [], dynamicImports = [] } = partOf(manifest, name);
    for (const next of [...imports, ...dynamicImports]) {
      if (!ISLAND.test(next)) seen.add(next);
    }
  }
  return new Set([...seen].map((name) => partOf(manifest, name).file));
}

function partOf(manifest: Manifest, name: string): Manifest[string] {
  const part = manifest[name];
  if (part) return part;
  throw new Error(`Cannot weigh the site as Vite's manifest has no ${name}`);
}
