/** Which islands each page can have: read from what its route imports, and what that imports. */

export interface PageIslands {
  /** The route as an address: `/instruments/[slug]`. */
  page: string;
  /** Paths from the root: `islands/BarChart.tsx`. */
  islands: string[];
}

/** Around every page. */
const RENDERER = "routes/_renderer.tsx";
/** What stands for itself in a page; the parts that it is made of lie in folders or are no components. */
export const ISLAND = /^islands\/[^/]+\.tsx$/;

/**
 * @param files every source file as a path from the root
 * @param read the text of one of them
 */
export function listPageIslands(files: string[], read: (file: string) => string): PageIslands[] {
  const everywhere = islandsFrom(RENDERER, read);
  return files
    .filter((file) => /^routes\/.*\.tsx$/.test(file) && !/\/_/.test(file))
    .map((route) => ({
      page: route.replace(/^routes/, "").replace(/(\/index)?\.tsx$/, "") || "/",
      islands: [...everywhere.union(islandsFrom(route, read))].sort(),
    }))
    .sort((a, b) => a.page < b.page ? -1 : 1);
}

function islandsFrom(file: string, read: (file: string) => string): Set<string> {
  const seen = new Set([file]);
  for (const next of seen) {
    // What a type is imported for is not loaded.
    for (
      const [, specifier] of read(next).matchAll(
        /^(?:import|export) (?!type )[^"]*"(\.[^"]+\.tsx?)"/gm,
      )
    ) {
      seen.add(new URL(specifier!, `file:///${next}`).pathname.slice(1));
    }
  }
  return new Set([...seen].filter((name) => ISLAND.test(name)));
}
