import assert from "node:assert/strict";
import { openDatabase } from "../../db/connect.ts";
import { migrate } from "../../db/migrate.ts";
import { createServerDatabase, forEachDatabase, testWithServer } from "../support/databases.ts";
import { startPostgres } from "../support/postgres.ts";
import { ownPath } from "../../routes/_own_path.ts";
import { openSite } from "../support/site.ts";

Deno.test("ownPath() never leads to another host", () => {
  const addresses = [
    "//evil.com/x",
    "/\\evil.com",
    "/%5Cevil.com",
    "/%09/evil.com",
    "////",
    "/a?b#c",
  ];
  for (const address of addresses) {
    const path = ownPath(`http://site.test${address}`);
    assert.equal(new URL(path, "http://site.test").host, "site.test", address);
    assert.doesNotMatch(path, /^\/[\\/\t]/, address);
  }
  assert.equal(ownPath("http://site.test/instruments/a%20b?interval=x"), "/instruments/a%20b");
});

forEachDatabase("A refused method offers no link to the address it came to", async ({ sql }) => {
  const site = await openSite({ sql });
  for (const address of ["http://site.test//evil.com/x", "/pipeline?run=1"]) {
    const response = await site(address, { method: "POST" });
    assert.equal(response.status, 405);
    const links = [...(await response.text()).matchAll(/href="([^"]*)" class="button"/g)];
    assert.deepEqual(links.map((link) => link[1]), ["/"], address);
  }
});

forEachDatabase("Every answer forbids other hosts, frames and inline scripts", async ({ sql }) => {
  const site = await openSite({ sql });
  for (const path of ["/", "/pipeline", "/nowhere", "/api/v1/instruments", "/api/nowhere"]) {
    const { headers } = await site(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /script-src 'self'(;|$)/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
  }
});

forEachDatabase(
  "Hashed assets are cached for a year, and nothing else is served",
  async ({ sql }) => {
    const site = await openSite({ sql });
    const html = await (await site("/")).text();
    const assets = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((match) =>
      match[1]!
    );
    assert.equal(assets.length, 2);
    for (const path of assets) {
      const response = await site(path);
      assert.equal(response.status, 200, path);
      assert.match(path, /-[\w-]{8}\.(css|js)$/);
      assert.match(response.headers.get("content-type")!, /^text\/(css|javascript)/);
      assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      await response.body?.cancel();
    }
    for (const path of ["/static/nowhere.js", "/static/..%2f.vite/manifest.json", "/static"]) {
      const response = await site(path);
      assert.equal(response.status, 404, path);
      assert.notEqual(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    }
    const icon = await site("/favicon.svg");
    assert.equal(icon.headers.get("content-type"), "image/svg+xml");
    await icon.body?.cancel();
  },
);

testWithServer(
  "Without its database the site answers 503 and 500, and tells no internals",
  async () => {
    const databaseUrl = await createServerDatabase();
    const database = await openDatabase({ databaseUrl, dataDir: "unused" });
    const site = await openSite({ sql: database.sql });
    await database.close();

    const health = await site("/healthz");
    assert.equal(health.status, 503);
    assert.deepEqual(await health.json(), { status: "unavailable" });
    const page = await site("/");
    assert.equal(page.status, 500);
    const html = await page.text();
    assert.match(html, /Something failed on our side/);
    const api = await site("/api/v1/instruments");
    assert.equal(api.status, 500);
    const json = await api.text();
    assert.equal(JSON.parse(json).error.code, "internal");
    for (const text of [html, json]) assert.doesNotMatch(text, /CONNECTION|postgres|\.ts:|Error:/);
  },
);

testWithServer("While its database is away the site answers 503, and says what to do", async () => {
  const server = await startPostgres();
  const database = await openDatabase({ databaseUrl: server.url(), dataDir: "unused" });
  const site = await openSite({ sql: database.sql });
  try {
    await migrate(database.sql);
    assert.equal((await site("/")).status, 200);
    await server.stop();
    const page = await site("/");
    assert.equal(page.status, 503);
    assert.match(await page.text(), /The database is away/);
    const api = await site("/api/v1/instruments");
    assert.equal(api.status, 503);
    assert.equal((await api.json()).error.code, "unavailable");
    assert.equal((await site("/healthz")).status, 503);
  } finally {
    // A server that a failed test leaves behind ends with this process.
    await database.close();
  }
});

forEachDatabase("/healthz answers 200 while the database does", async ({ sql }) => {
  const site = await openSite({ sql });
  const response = await site("/healthz");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: "ok" });
  assert.equal(response.headers.get("cache-control"), "no-store");
});
