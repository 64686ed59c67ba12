import assert from "node:assert/strict";
import { getFigures, listOverview } from "../../db/analytics.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import { listRuns } from "../../db/runs.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";
import { fillDatabase, NOW, openSite, SYMBOLS } from "../support/site.ts";

/** The exact values of the `data` elements of a page. */
function exactValues(html: string): string[] {
  return [...html.matchAll(/<data value="([^"]+)"/g)].map((match) => match[1]!);
}

forEachDatabase(
  "Pages show the database's figures in their HTML, exactly",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });

    const market = await site("/");
    assert.equal(market.status, 200);
    const marketHtml = await market.text();
    const overview = await listOverview(sql, "simulator", NOW);
    assert.deepEqual(overview.map((row) => row.symbol).sort(), SYMBOLS.toSorted());
    for (const row of overview) {
      assert.ok(marketHtml.includes(`href="/instruments/${row.slug}"`), row.symbol);
      assert.ok(exactValues(marketHtml).includes(row.price!), `price of ${row.symbol}`);
      const percent = `${Math.abs(row.change24hPercent!).toFixed(2)} %`;
      assert.ok(marketHtml.includes(percent), `change of ${row.symbol}`);
    }
    assert.match(marketHtml, /Simulated data/);
    assert.match(marketHtml, /min <span class="ago">ago</);

    const aapl = await getInstrumentBySymbol(sql, "simulator", "AAPL");
    const figures = await getFigures(sql, aapl!.id, NOW);
    for (const interval of ["1h", "1day"]) {
      const html = await (await site(`/instruments/AAPL?interval=${interval}`)).text();
      const values = exactValues(html);
      for (const value of [figures.price, figures.high24h, figures.low52w, figures.volume24h]) {
        assert.ok(values.includes(value!), `${value} at ${interval}`);
      }
      assert.match(html, /Candlestick chart of AAPL/);
      assert.match(html, /shares/);
    }
    const bitcoin = await (await site("/instruments/BTC-USD")).text();
    assert.match(bitcoin, /volume is not reported/);

    const [run] = await listRuns(sql, "simulator", 1);
    const pipeline = await (await site(`/pipeline?run=${run!.id}`)).text();
    assert.match(pipeline, new RegExp(`Steps of run #${run!.id}`));
    assert.ok(pipeline.includes(run!.candlesInserted.toLocaleString("en-US")));
    for (const symbol of SYMBOLS) assert.ok(pipeline.includes(symbol), symbol);
  },
);

forEachDatabase("An empty database says what to do, on every page", async ({ sql }) => {
  const site = await openSite({ sql });
  assert.match(await (await site("/")).text(), /No candles yet/);
  assert.match(await (await site("/pipeline")).text(), /No run yet/);
});

forEachDatabase("An unknown instrument gets a 404 page that helps", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  await storeInstrument(sql);
  const site = await openSite({ sql });
  const response = await site("/instruments/AAPLE");
  assert.equal(response.status, 404);
  const html = await response.text();
  assert.match(html, /AAPLE/);
  assert.match(html, /Did you mean/);
  for (const slug of ["AAPL", "BTC-USD"]) {
    assert.ok(html.includes(`href="/instruments/${slug}"`), slug);
  }
  for (const slug of ["%00", "_ffffff_", "a%20b", "%F0%9F%92%A5", "x".repeat(300)]) {
    assert.equal((await site(`/instruments/${slug}`)).status, 404, slug);
  }
  assert.equal((await site("/nowhere")).status, 404);
});

forEachDatabase("A bad query of a page is refused with the name of the field", async ({ sql }) => {
  const site = await openSite({ sql });
  const response = await site("/pipeline?run=first");
  assert.equal(response.status, 400);
  assert.match(
    await response.text(),
    /run must be a whole number .* current value is &quot;first&quot;/,
  );
  assert.equal((await site("/pipeline?utm_source=mail")).status, 200, "what a mailer hung on it");
});
