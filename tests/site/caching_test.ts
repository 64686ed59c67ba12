/** How the answers of the real site are kept, named, compressed and asked for again. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { loadCandles } from "../../db/candles.ts";
import type { Database } from "../../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";
import { candle, storeInstrument } from "../support/market.ts";
import { API, PAGES } from "../support/pages.ts";
import { storeReject } from "../support/rejects.ts";
import { fillDatabase, NOW, openSite } from "../support/site.ts";

const LIFETIME_MS = 2000;

/** A site on a clock that the test moves; `renders` counts the pages that were made. */
async function openKept({ sql }: Database, isAdmin = () => Promise.resolve(true)) {
  const clock = { ms: 1 };
  let renders = 0;
  let isBroken = false;
  const site = await openSite({
    sql,
    isAdmin,
    now() {
      renders++;
      if (isBroken) throw new Error("broken for the test");
      return NOW;
    },
  }, { lifetimeMs: LIFETIME_MS, elapsedMs: () => clock.ms });
  return {
    site,
    clock,
    renders: () => renders,
    breakDown: (broken: boolean) => isBroken = broken,
    text: async (path: string, cookie = "") =>
      await (await site(path, { headers: { cookie } })).text(),
  };
}

async function storePrice(database: Database, instrumentId: number, price: string): Promise<void> {
  await loadCandles(database, {
    instrumentId,
    interval: "1h",
    candles: [candle("2026-11-20T17:00:00Z", price, { isFinal: false })],
    rejects: [],
    runId: 1,
    loadedAt: NOW,
  });
}

forEachDatabase("Every page and answer has a name, and is not sent to who has it", async (
  { database, sql },
) => {
  await fillDatabase(database);
  const site = await openSite({ sql });
  for (const path of [...PAGES, ...API]) {
    const plain = await site(path);
    assert.equal(plain.status, 200, path);
    const text = await plain.text();
    const [etag, vary] = ["etag", "vary"].map((name) => plain.headers.get(name));
    const isApi = path.startsWith("/api/");
    assert.equal(
      vary,
      isApi ? "Accept-Encoding" : "Cookie, Accept-Language, Accept-Encoding",
      path,
    );
    assert.equal(
      plain.headers.get("cache-control"),
      isApi ? "public, max-age=0" : "private, no-cache",
    );

    const gzip = await site(path, { headers: { "accept-encoding": "gzip, br" } });
    assert.equal(gzip.headers.get("content-encoding"), "gzip", path);
    assert.equal(gzip.headers.get("etag"), etag, "made anew it is the same");
    const bytes = new Uint8Array(await gzip.arrayBuffer());
    assert.equal(new TextDecoder().decode(gunzipSync(bytes)), text, path);

    const known = await site(path, { headers: { "if-none-match": etag! } });
    assert.equal(known.status, 304, path);
    assert.equal(known.body, null);

    const head = await site(path, { method: "HEAD", headers: { "accept-encoding": "gzip" } });
    assert.deepEqual([head.status, head.body], [200, null], path);
    assert.equal(head.headers.get("content-length"), String(bytes.length));
    for (const response of [plain, gzip, known, head]) {
      assert.equal(response.headers.get("etag"), etag);
      assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    }
  }
});

forEachDatabase("A page is rendered once in its lifetime however many ask, and no older", async (
  { database, sql },
) => {
  const { id } = await storeInstrument(sql);
  await storePrice(database, id, "98000");
  const { site, clock, renders, text } = await openKept(database);
  const all = await Promise.all(Array.from({ length: 50 }, () => text("/")));
  assert.equal(renders(), 1);
  assert.equal(new Set(all).size, 1);
  assert.match(all[0]!, /98,000/);

  await storePrice(database, id, "97000");
  clock.ms += LIFETIME_MS - 1;
  assert.match(await text("/"), /98,000/);
  assert.equal(renders(), 1);
  clock.ms += 1;
  const asked = await Promise.all([text("/"), text("/"), text("/")]);
  for (const page of asked) assert.match(page, /97,000/);
  assert.equal(renders(), 2);

  const first = new AbortController();
  const gone = site("/pipeline", { signal: first.signal }).catch(() => null);
  const others = [text("/pipeline"), text("/pipeline")];
  first.abort();
  for (const page of await Promise.all(others)) assert.match(page, /<h1>Pipeline<\/h1>/);
  await (await gone)?.body?.cancel();
});

forEachDatabase("A theme or a star that was chosen is on the next page", async ({ database }) => {
  const { site, text } = await openKept(database);
  const themed = (theme: string) => new RegExp(`<html lang="en" data-theme="${theme}" `);
  assert.match(await text("/"), /<html lang="en" data-locale/);
  assert.match(await text("/", "theme=dark"), themed("dark"));
  const chosen = await site("/preferences", {
    method: "POST",
    body: new URLSearchParams({ theme: "light", back: "/" }),
    headers: { cookie: "theme=dark" },
  });
  const [cookie] = chosen.headers.getSetCookie();
  assert.match(await text("/", cookie), themed("light"));
  assert.match(await text("/", "theme=dark"), themed("dark"));
  assert.match(await text("/"), /<html lang="en" data-locale/);
});

forEachDatabase("Who accepts a reject sees it accepted everywhere", async ({ database, sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const id = await storeReject(sql, { instrumentId });
  const { site, text } = await openKept(database);
  const button = /action="\/pipeline\/rejects\/\d+\/accept"/;
  assert.match(await text("/pipeline/rejects"), button);
  const accepted = await site(`/pipeline/rejects/${id}/accept`, {
    method: "POST",
    body: new URLSearchParams({ token: "any" }),
  });
  assert.equal(accepted.status, 303);
  assert.doesNotMatch(await text("/pipeline/rejects"), button);
});

forEachDatabase("An error is not kept, and the last good page is not shown for it", async (
  { database, sql },
) => {
  await storePrice(database, (await storeInstrument(sql)).id, "98000");
  const { site, clock, breakDown } = await openKept(database);
  const status = async (path = "/") => {
    const response = await site(path);
    await response.body?.cancel();
    return response.status;
  };
  breakDown(true);
  assert.deepEqual([await status(), await status()], [500, 500]);
  breakDown(false);
  assert.equal(await status(), 200);
  clock.ms += LIFETIME_MS;
  breakDown(true);
  assert.equal(await status(), 500);
  assert.equal(await status("/nowhere"), 404);
});

forEachDatabase("Styles and scripts are compressed, and kept by the browser for a year", async (
  { sql },
) => {
  const site = await openSite({ sql });
  const html = await (await site("/")).text();
  const assets = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]!);
  assert.ok(assets.length >= 2, String(assets));
  for (const path of assets) {
    const gzip = await site(path, { headers: { "accept-encoding": "gzip" } });
    assert.equal(gzip.headers.get("content-encoding"), "gzip", path);
    assert.equal(gzip.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(gzip.headers.get("vary"), "Accept-Encoding");
    const text = new TextDecoder().decode(gunzipSync(new Uint8Array(await gzip.arrayBuffer())));
    assert.equal(text, await (await site(path)).text());
  }
});
