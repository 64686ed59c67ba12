/** The weight budget of the HTML, on every page; scripts and styles are weighed by the build. */
import assert from "node:assert/strict";
import { HTML_LIMIT_BYTES, weigh } from "../../weight.ts";
import { forEachDatabase } from "../support/databases.ts";
import { PAGES } from "../support/pages.ts";
import { fillDatabase, openSite } from "../support/site.ts";

const ROUTES = new URL("../../routes/", import.meta.url);

/** `routes/instruments/[slug].tsx` → `/instruments/[slug]`, of every route that is a page. */
function pageRoutes(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(folder, ROUTES))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return pageRoutes(`${folder}${name}/`);
    const isPage = name.endsWith(".tsx") && !name.startsWith("_");
    return isPage ? [`/${folder}${name}`.replace(/(index)?\.tsx$/, "")] : [];
  });
}

Deno.test("Every route that is a page is in the list of pages", () => {
  const routes = pageRoutes();
  assert.ok(routes.includes("/") && routes.includes("/instruments/[slug]"), String(routes));
  const unlisted = routes.filter((route) => {
    const pattern = new RegExp(`^${route.replaceAll(/\[\w+\]/g, "[^/]+")}$`);
    return !PAGES.some((page) => pattern.test(page.replace(/\?.*/, "")));
  });
  assert.deepEqual(unlisted, []);
});

forEachDatabase("No page of a filled site weighs more than it may", async ({ database, sql }) => {
  await fillDatabase(database);
  const site = await openSite({ sql });
  for (const path of PAGES) {
    const response = await site(path);
    assert.equal(response.status, 200, path);
    const bytes = weigh(new Uint8Array(await response.arrayBuffer()));
    assert.ok(bytes <= HTML_LIMIT_BYTES, `${path} weighs ${bytes} bytes of ${HTML_LIMIT_BYTES}`);
  }
});
