/** The search: of the API, and as a page for those without a script. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { setActive } from "../../db/instruments.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";
import { openSite } from "../support/site.ts";

async function store(sql: Sql) {
  await storeInstrument(sql);
  await storeInstrument(sql, AAPL);
  await storeInstrument(sql, { ...AAPL, symbol: "AAP", slug: "AAP", name: "Advance Auto Parts" });
  await storeInstrument(sql, { ...AAPL, symbol: "B", slug: "B", name: `<i>"Bold" & 100 %</i>` });
}

forEachDatabase("The API finds instruments, the likeliest first, as many as asked for", async (
  { sql },
) => {
  await store(sql);
  const site = await openSite({ sql });
  const search = async (query: string) => {
    const response = await site(`/api/v1/instruments?${query}`);
    assert.equal(response.status, 200, query);
    const { instruments } = await response.json();
    return instruments.map(({ symbol }: { symbol: string }) => symbol);
  };
  assert.deepEqual(await search("search=aap"), ["AAP", "AAPL"]);
  assert.deepEqual(await search("search=aap&limit=1"), ["AAP"]);
  assert.deepEqual(await search("search=btc%2Fusd"), ["BTC/USD"]);
  assert.deepEqual(await search("search=%20apple%20"), ["AAPL"], "blanks around do not count");
  assert.deepEqual(await search("search=%25"), ["B"], "a per cent sign is no wildcard");
  assert.deepEqual(await search("search=_"), []);
  assert.deepEqual(await search("search=%27%3B--"), []);
  assert.deepEqual(await search("search=%22bold%22"), ["B"]);
  assert.deepEqual(await search(`search=${"z".repeat(100)}`), []);
  const [found] = (await (await site("/api/v1/instruments?search=AAPL")).json()).instruments;
  const [, listed] = (await (await site("/api/v1/instruments")).json()).instruments;
  assert.deepEqual(found, listed, "it answers what the list answers");
});

forEachDatabase("The API refuses a search that it cannot read", async ({ sql }) => {
  const site = await openSite({ sql });
  for (
    const [query, field] of [
      ["search=", "search"],
      ["search=%20", "search"],
      [`search=${"x".repeat(101)}`, "search"],
      ["search=a%00b", "search"],
      ["search=a&search=b", "search"],
      ["search=a&limit=0", "limit"],
      ["search=a&limit=51", "limit"],
      ["limit=5", "limit"],
      ["q=a", "q"],
    ] as const
  ) {
    const response = await site(`/api/v1/instruments?${query}`);
    assert.equal(response.status, 400, query);
    const { error } = await response.json();
    assert.equal(error.code, "invalid_query", query);
    assert.equal(error.field, field, query);
  }
});

forEachDatabase("The page leads to what the text is, and lists what it may be", async ({ sql }) => {
  await store(sql);
  const site = await openSite({ sql });
  const whole = await site("/search?q=btcusd");
  assert.equal(whole.status, 303);
  assert.equal(whole.headers.get("location"), "/instruments/BTC-USD");

  const some = await site("/search?q=aap");
  assert.equal(some.status, 303, "a symbol is meant, though another begins with it");
  assert.equal(some.headers.get("location"), "/instruments/AAP");

  const html = await (await site("/search?q=a")).text();
  const links = [...html.matchAll(/href="([^"]*)" class="symbol"/g)].map((match) => match[1]);
  assert.deepEqual(links, ["/instruments/AAP", "/instruments/AAPL", "/instruments/BTC-USD"]);
  assert.match(html, /3 instruments for <q>a<\/q>/);
  assert.match(html, /Apple Inc\./);
});

forEachDatabase(
  "The page finds what is not followed any more too, and says so",
  async ({ sql }) => {
    await store(sql);
    await setActive(sql, "simulator", ["AAP"], false);
    const site = await openSite({ sql });
    const html = await (await site("/search?q=a")).text();
    assert.match(html, />AAP<\/a> <span class="badge warn">not followed</);
    assert.equal(html.match(/not followed/g)?.length, 1);
    const exact = await site("/search?q=aap");
    assert.equal(exact.headers.get("location"), "/instruments/AAP");
    const { instruments } = await (await site("/api/v1/instruments?search=aap")).json();
    assert.deepEqual(instruments.map(({ symbol }: { symbol: string }) => symbol), ["AAPL"]);
  },
);

forEachDatabase("The page says what to do when there is nothing, and shows text as text", async (
  { sql },
) => {
  await store(sql);
  const site = await openSite({ sql });
  const page = async (query: string, status = 200) => {
    const response = await site(`/search${query}`);
    assert.equal(response.status, status, query);
    return await response.text();
  };
  assert.match(await page(""), /What are you looking for\?/);
  assert.match(await page("?q="), /What are you looking for\?/);
  assert.match(await page("?q=+&utm_source=x"), /What are you looking for\?/);
  const nothing = await page("?q=%3Cscript%3E");
  assert.match(nothing, /Nothing found/);
  assert.match(nothing, /SYMBOLS/);
  assert.ok(!nothing.includes("<script>"));
  assert.match(await page("?q=bold"), /&lt;i>&quot;Bold&quot; &amp; 100 %&lt;\/i>/);
  assert.match(await page(`?q=${"x".repeat(101)}`, 400), /q must be 1 to 100 characters/);
  assert.match(await page("?q=%00", 400), /q must be 1 to 100 characters/);
});
