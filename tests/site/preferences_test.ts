/** The theme and the watchlist: cookies of one browser, without and with a script. */
import assert from "node:assert/strict";
import { AAPL, storeInstrument } from "../support/market.ts";
import { forEachDatabase } from "../support/databases.ts";
import { openSite } from "../support/site.ts";

type Site = Awaited<ReturnType<typeof openSite>>;

function post(site: Site, form: Record<string, string>, cookie = ""): Promise<Response> {
  return site("/preferences", {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { cookie },
  });
}

const cookiesOf = (response: Response) =>
  response.headers.getSetCookie().map((cookie) => decodeURIComponent(cookie.split(";")[0]!));

forEachDatabase("The theme that was chosen is in the first byte of a page", async ({ sql }) => {
  const site = await openSite({ sql });
  const chosen = await post(site, { theme: "dark", back: "/pipeline?run=1" });
  assert.equal(chosen.status, 303);
  assert.equal(chosen.headers.get("location"), "/pipeline?run=1");
  assert.deepEqual(cookiesOf(chosen), ["theme=dark"]);
  const html = async (cookie: string) => await (await site("/", { headers: { cookie } })).text();
  assert.match(
    await html("theme=dark"),
    /^<!doctype html><html lang="en" data-theme="dark" [^>]*>/,
  );
  assert.match(await html("theme=dark"), /name="color-scheme" content="dark"/);
  assert.match(await html(""), /^<!doctype html><html lang="en" data-locale="en-US"><head>/);
  assert.match(
    await html("theme=%22%3E%3Cscript%3E"),
    /^<!doctype html><html lang="en" data-locale="en-US"><head>/,
  );
});

forEachDatabase("A star is added once and taken away again", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  const site = await openSite({ sql });
  const starred = await post(site, { star: "AAPL" }, "watchlist=BTC-USD");
  assert.deepEqual(cookiesOf(starred), ["watchlist=BTC-USD|AAPL"]);
  const again = await post(site, { star: "BTC-USD" }, "watchlist=BTC-USD|AAPL");
  assert.deepEqual(cookiesOf(again), ["watchlist=AAPL|BTC-USD"]);
  const gone = await post(site, { unstar: "AAPL" }, "watchlist=AAPL|BTC-USD|<b>");
  assert.deepEqual(cookiesOf(gone), ["watchlist=BTC-USD"]);
});

forEachDatabase(
  "A form of preferences leads to no other host and takes nothing else",
  async ({ sql }) => {
    const site = await openSite({ sql });
    for (
      const back of [
        "https://evil.example/x",
        "//evil.example/x",
        "/\\evil.example",
        "javascript:1",
        "x:https://evil.example/a",
        "x:/\\evil.example",
      ]
    ) {
      const response = await post(site, { theme: "light", back });
      const to = new URL(response.headers.get("location")!, "http://site.test");
      assert.equal(to.host, "site.test", back);
      assert.match(response.headers.get("location")!, /^\/($|[^\/\\])/, back);
    }
    assert.equal((await post(site, { theme: "pink" })).status, 400);
    assert.equal((await post(site, { star: "a/b" })).status, 400);
    assert.equal((await site("/preferences")).status, 303);
  },
);

forEachDatabase("Another site's form changes nothing", async ({ sql }) => {
  const site = await openSite({ sql });
  const send = (headers: Record<string, string>) =>
    site("/preferences", {
      method: "POST",
      body: new URLSearchParams({ star: "AAPL" }),
      headers,
    });
  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];
  for (const headers of foreign) {
    const response = await send(headers);
    assert.equal(response.status, 403, JSON.stringify(headers));
    assert.deepEqual(response.headers.getSetCookie(), []);
    await response.body?.cancel();
  }
  const own: Record<string, string>[] = [
    { "sec-fetch-site": "same-origin" },
    { origin: "http://site.test" },
  ];
  for (const headers of own) assert.equal((await send(headers)).status, 303);
});
