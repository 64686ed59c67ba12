import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { getReject } from "../../db/rejects.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { ROW, storeReject } from "../support/rejects.ts";
import { openSite } from "../support/site.ts";

const TOKEN = "the token that was printed once";
const isAdmin = (token: string) => Promise.resolve(token === TOKEN);

type Site = Awaited<ReturnType<typeof openSite>>;

/** Sends the form of a reject as a browser does. */
function accept(site: Site, id: number | string, fields: Record<string, string>, init = {}) {
  return site(`/pipeline/rejects/${id}/accept`, {
    method: "POST",
    body: new URLSearchParams(fields),
    ...init,
  });
}

async function candlesStored(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`select count(*) from market.candles`;
  return row.count;
}

/** The reject's part of the page. */
function cardOf(html: string, id: number): string {
  const card = html.split("<article ").find((part) => part.includes(`id="reject-${id}"`));
  return card?.replaceAll("&quot;", '"') ?? assert.fail(`reject ${id} is not on the page`);
}

forEachDatabase("The page of rejects shows each with reason, payload and stored candle", async (
  { database, sql },
) => {
  const { id: instrumentId } = await storeInstrument(sql);
  await loadCandles(database, {
    instrumentId,
    interval: "1h",
    candles: [candle("2026-11-20T15:00:00Z", "98111.123456789")],
    rejects: [],
    runId: 1,
    loadedAt: new Date("2026-11-20T16:02:00Z"),
  });
  const good = await storeReject(sql, { instrumentId, reason: "a price of <50 times> the others" });
  const broken = await storeReject(sql, { instrumentId, payload: { ...ROW, close: "NaN" } });
  const timeless = await storeReject(sql, { instrumentId, payload: "<html>", openedAt: null });
  const accepted = await storeReject(sql, { instrumentId, reason: "another" });
  await sql`
    update market.rejects set accepted_at = '2026-11-20T17:20:00Z' where id = ${accepted}`;

  const response = await (await openSite({ sql, isAdmin }))("/pipeline/rejects");
  assert.equal(response.status, 200);
  const html = await response.text();
  const shown = [...html.matchAll(/id="reject-(\d+)"/g)].map((match) => Number(match[1]));
  assert.deepEqual(shown, [accepted, timeless, broken, good], "newest first");

  const card = cardOf(html, good);
  assert.match(card, /BTC\/USD<\/a> 1 hour · 2026-11-20 15:00 UTC/);
  assert.match(card, /a price of &lt;50 times> the others/);
  assert.match(card, /"datetime": "2026-11-20 15:00:00",\n {2}"open": "98000.10"/);
  assert.match(card, /98111\.123456789/, "the stored candle");
  assert.match(card, /2 h 18 min/, "when it was met");
  assert.match(card, new RegExp(`action="/pipeline/rejects/${good}/accept"`));
  assert.match(card, /kept as a revision/);

  assert.match(cardOf(html, broken), /cannot be accepted: it has no close that is a plain decimal/);
  assert.match(cardOf(html, timeless), /no readable time.*"&lt;html>".*no time that can be read/s);
  assert.match(cardOf(html, accepted), /Accepted by hand.*1 h/s);
  for (const id of [broken, timeless, accepted]) {
    assert.doesNotMatch(cardOf(html, id), /<form/, "nothing to accept");
  }
});

forEachDatabase("Rejects come in pages, all or of one instrument", async ({ sql }) => {
  const bitcoin = await storeInstrument(sql);
  const apple = await storeInstrument(sql, AAPL);
  const site = await openSite({ sql, isAdmin });
  assert.match(await (await site("/pipeline/rejects")).text(), /No row was ever rejected/);
  const ids: number[] = [];
  for (let n = 0; n < 45; n++) {
    const instrumentId = n === 0 ? apple.id : bitcoin.id;
    ids.push(await storeReject(sql, { instrumentId, reason: `rule ${n}` }));
  }
  const seen: number[] = [];
  let path: string | undefined = "/pipeline/rejects";
  for (let page = 0; path !== undefined; page++) {
    assert.ok(page < 3);
    const html: string = await (await site(path)).text();
    seen.push(...[...html.matchAll(/id="reject-(\d+)"/g)].map((match) => Number(match[1])));
    path = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  assert.deepEqual(seen, ids.toReversed());

  const html = await (await site("/pipeline/rejects?instrument=AAPL")).text();
  assert.deepEqual(html.match(/id="reject-\d+"/g), [`id="reject-${ids[0]}"`]);
  assert.match(html, /<option selected value="AAPL">|<option value="AAPL" selected>/);
  const all = await (await site("/pipeline/rejects?instrument=")).text();
  assert.equal(all.match(/id="reject-\d+"/g)?.length, 20, "the form's All");
  assert.match(
    await (await site("/pipeline/rejects?instrument=NOPE")).text(),
    /No rejects of this instrument/,
  );
  const beyond = await (await site(`/pipeline/rejects?before=${ids[0]}`)).text();
  assert.match(beyond, /No older rejects/);
  for (const query of ["before=x", "before=0", "instrument=a%20b", "accepted=-1"]) {
    assert.equal((await site(`/pipeline/rejects?${query}`)).status, 400, query);
  }
});

forEachDatabase(
  "A reject is accepted by a form with the admin token, and once",
  async ({ sql }) => {
    const { id: instrumentId } = await storeInstrument(sql);
    const id = await storeReject(sql, { instrumentId });
    const site = await openSite({ sql, isAdmin });
    const view = { instrument: "BTC-USD", before: String(id + 1) };
    for (const _ of ["first", "second"]) {
      const response = await accept(site, id, { token: TOKEN, ...view });
      assert.equal(response.status, 303);
      const back = response.headers.get("location")!;
      assert.equal(
        back,
        `/pipeline/rejects?instrument=BTC-USD&before=${id + 1}&accepted=${id}#reject-${id}`,
      );
      const html = await (await site(back)).text();
      assert.match(html, new RegExp(`role="status"[^>]*>Reject #${id} is accepted`));
      assert.doesNotMatch(html, /action="[^"]*accept"/);
      assert.equal(await candlesStored(sql), 1);
    }
    const html = await (await site(`/pipeline/rejects?accepted=${id + 9}`)).text();
    assert.doesNotMatch(html, /role="status"[^>]*>Reject/, "a link cannot make the page lie");
  },
);

forEachDatabase("What cannot be accepted says why, and stores nothing", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const good = await storeReject(sql, { instrumentId });
  const broken = await storeReject(sql, { instrumentId, payload: { ...ROW, high: "1" } });
  const site = await openSite({ sql, isAdmin });
  const form = { token: TOKEN };
  const xml = { headers: { "Content-Type": "text/xml" } };
  const cases: [string, () => Promise<Response>, number, RegExp][] = [
    ["no candle", () => accept(site, broken, form), 422, /high must be at least low: 1 &lt;/],
    ["wrong token", () => accept(site, good, { token: "guess" }), 403, /not the admin token/],
    ["wrong token first", () => accept(site, 99999, { token: "guess" }), 403, /not the admin/],
    ["no token", () => accept(site, good, {}), 400, /token must be given/],
    ["empty token", () => accept(site, good, { token: "" }), 400, /token must be given/],
    ["long token", () => accept(site, good, { token: "x".repeat(1001) }), 400, /too long/],
    ["long form", () => accept(site, good, { token: "x".repeat(9999) }), 413, /at most 4096 bytes/],
    ["odd way back", () => accept(site, good, { ...form, before: "//x" }), 400, /before must be/],
    ["another type", () => accept(site, good, form, xml), 415, /content type must be/],
    ["unknown reject", () => accept(site, 99999, form), 404, /there is none of that number/],
    ["huge number", () => accept(site, "9".repeat(30), form), 404, /there is none/],
  ];
  for (const [name, send, status, message] of cases) {
    const response = await send();
    assert.equal(response.status, status, name);
    const html = await response.text();
    assert.match(html, message, name);
    assert.match(html, /href="\/pipeline\/rejects(#reject-\d+)?" class="button"/, name);
    assert.match(html, /<title>Not accepted/, name);
    assert.match(html, /href="\/pipeline" class="current"/, name);
    assert.ok(!html.includes(TOKEN) && !html.includes("guess"), "no token is shown again");
  }
  assert.equal(await candlesStored(sql), 0);
  assert.equal((await getReject(sql, "simulator", good))?.acceptedAt, null);

  const page = { instrument: "BTC-USD", before: String(good + 1) };
  const html = await (await accept(site, good, { token: "guess", ...page })).text();
  const back = `/pipeline/rejects?instrument=BTC-USD&amp;before=${good + 1}#reject-${good}`;
  assert.ok(html.includes(`href="${back}"`), "a wrong token does not lose the row");
});

forEachDatabase("Nothing but that form may be sent to the site", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const id = await storeReject(sql, { instrumentId });
  const site = await openSite({ sql, isAdmin });
  const path = `/pipeline/rejects/${id}/accept`;
  const body = () => new URLSearchParams({ token: TOKEN });
  const refused = [
    ["POST", "/"],
    ["POST", "/pipeline/rejects"],
    ["POST", `/pipeline/rejects/${id}`],
    ["POST", `${path}/`],
    ["POST", `${path}/more`],
    ["POST", "/pipeline/rejects/x/accept"],
    ["POST", "/api/v1/candles"],
    ["PUT", path],
    ["PATCH", path],
    ["DELETE", path],
  ] as const;
  for (const [method, target] of refused) {
    const response = await site(target, { method, body: body() });
    assert.equal(response.status, 405, `${method} ${target}`);
    const allowed = target === path ? "GET, HEAD, POST" : "GET, HEAD";
    assert.equal(response.headers.get("allow"), allowed, `${method} ${target}`);
  }
  const read = await site(path);
  assert.equal(read.status, 303, "a reload of the refusal");
  assert.equal(read.headers.get("location"), "/pipeline/rejects");
  assert.equal(await candlesStored(sql), 0);
});
