import assert from "node:assert/strict";
import { getFigures, listDailyReturns } from "../../db/analytics.ts";
import { listCandles, loadCandles } from "../../db/candles.ts";
import { getInstrumentBySymbol, setActive } from "../../db/instruments.ts";
import { listOverview } from "../../db/overview.ts";
import { listRuns, startRun } from "../../db/runs.ts";
import type { PriceChartProps } from "../../islands/PriceChart.tsx";
import { INTERVALS } from "../../market/interval.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeCloses, storeInstrument } from "../support/market.ts";
import { SCHEDULE } from "../support/pipeline.ts";
import { storeRun } from "../support/runs.ts";
import { fillDatabase, NOW, openSite, SYMBOLS } from "../support/site.ts";

/** The exact values of the `data` elements of a page. */
function exactValues(html: string): string[] {
  return [...html.matchAll(/<data value="([^"]+)"/g)].map((match) => match[1]!);
}

/** The text of a piece of HTML. */
function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&amp;", "&");
}

/** The cells of each row of the overview that has an instrument, by its symbol. */
function overviewCells(html: string): Map<string, string[]> {
  const rows = [...html.matchAll(/<tr data-slug=(.*?)<\/tr>/gs)].map((match) => match[1]!);
  return new Map(rows.map((row) => [
    textOf(/class="symbol">(.*?)<\/a>/.exec(row)![1]!),
    row.split(/<td[^>]*>/).slice(2).map(textOf),
  ]));
}

/** A change as a cell shows it: arrow, sign and two decimals. */
function changeText(percent: number): string {
  const [arrow, sign] = percent > 0 ? ["▲", "+"] : ["▼", "−"];
  return `${arrow}${sign}${Math.abs(percent).toFixed(2)} %`;
}

/** What a page hands to its island of that name. */
function islandProps(html: string, name: string): Record<string, unknown> {
  const island = new RegExp(
    `component-name="/islands/${name}.tsx" data-serialized-props="([^"]*)"`,
  );
  const [, json] = island.exec(html) ?? assert.fail(`no island ${name}`);
  return JSON.parse(json!.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
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
    const cells = overviewCells(marketHtml);
    for (const row of overview) {
      assert.ok(marketHtml.includes(`href="/instruments/${row.slug}"`), row.symbol);
      assert.ok(exactValues(marketHtml).includes(row.price!), `price of ${row.symbol}`);
      assert.deepEqual(
        cells.get(row.symbol)!.slice(2, 5),
        [row.change24hPercent!, row.change7dPercent!, row.change30dPercent!].map(changeText),
        row.symbol,
      );
    }
    const movers = overview.toSorted((a, b) => b.change24hPercent! - a.change24hPercent!);
    const { labels, series } = islandProps(marketHtml, "BarChart");
    assert.deepEqual(labels, movers.map((row) => row.symbol));
    assert.deepEqual(series, [{
      name: "24 h",
      values: movers.map((row) => Number(row.change24hPercent!.toFixed(4))),
    }]);
    assert.match(marketHtml, /Simulated data/);
    assert.match(marketHtml, /min <span class="ago">ago</);

    const aapl = await getInstrumentBySymbol(sql, "simulator", "AAPL");
    const figures = await getFigures(sql, aapl!.id, NOW);
    for (const interval of ["1h", "1day"] as const) {
      const html = await (await site(`/instruments/AAPL?interval=${interval}`)).text();
      const values = exactValues(html);
      for (const value of [figures.price, figures.high24h, figures.low52w, figures.volume24h]) {
        assert.ok(values.includes(value!), `${value} at ${interval}`);
      }
      const candles = await listCandles(sql, aapl!.id, interval, { to: NOW, limit: 750 });
      const { label, setup } = islandProps(html, "PriceChart") as unknown as PriceChartProps;
      assert.match(label, /^Candlestick chart of AAPL, .* has the newest 48\.$/);
      const { first, others, ...told } = setup;
      const number = (value: string) => Number(Number(value).toPrecision(10));
      assert.deepEqual(first, {
        times: candles.map((row) => row.openedAt.getTime() / 1000),
        opens: candles.map((row) => number(row.open)),
        highs: candles.map((row) => number(row.high)),
        lows: candles.map((row) => number(row.low)),
        closes: candles.map((row) => number(row.close)),
        volumes: candles.map((row) => row.volume === null ? null : number(row.volume)),
        indicators: {},
        compared: null,
        isStart: candles.length < 750,
      });
      assert.deepEqual(told, {
        symbol: "AAPL",
        source: "Simulated data",
        interval,
        decimals: 2,
        hasTime: interval === "1h",
        hasVolume: true,
        exchangeZone: "America/New_York",
      });
      assert.deepEqual(
        others.map(({ symbol }) => symbol),
        SYMBOLS.filter((symbol) => symbol !== "AAPL").toSorted(),
      );
      const returns = await listDailyReturns(sql, aapl!.id, {
        from: new Date("2026-01-01"),
        to: new Date("2026-11-21"),
      });
      const bars = islandProps(html, "BarChart");
      assert.deepEqual(bars.labels, returns.slice(-60).map(({ date }) => date.slice(5)));
      assert.deepEqual(bars.series, [{
        name: "Return",
        values: returns.slice(-60).map(({ percent }) => Number(percent.toFixed(4))),
      }]);
      assert.match(html, /shares/);
    }
    const bitcoin = await (await site("/instruments/BTC-USD")).text();
    assert.match(bitcoin, /volume is not reported/);
    const { setup } = islandProps(bitcoin, "PriceChart") as unknown as PriceChartProps;
    assert.equal(setup.hasVolume, false);
    assert.deepEqual([...new Set(setup.first.volumes)], [null]);
    assert.match(textOf(bitcoin), /Volume, 24 hnot reported/);

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
  const text = async (schedule: typeof SCHEDULE) =>
    textOf(await (await (await openSite({ sql, schedule }))("/")).text());
  assert.match(await text(SCHEDULE), /The first run starts with the site: reload this page/);
  // On Deno Deploy nothing is loaded at the start.
  const later = await text({ ...SCHEDULE, startsWithSite: false });
  assert.match(later, /The next run is at 2026-11-20 19:02 UTC, in 42 min\./);
  assert.doesNotMatch(later, /starts with the site/);
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

forEachDatabase("An instrument that is not followed says so, and how to follow it again", async (
  { database, sql },
) => {
  await fillDatabase(database);
  await setActive(sql, "simulator", ["BTC/USD"], false);
  const site = await openSite({ sql });
  const html = await (await site("/instruments/BTC-USD")).text();
  const [head] = /<div class="instrument-head">.*?<section/s.exec(html)!;
  assert.match(textOf(head), /not followed No run loads it\. deno task etl activate BTC\/USD/);
  assert.doesNotMatch(head, /class="forming"/);
  assert.doesNotMatch(await (await site("/instruments/ETH-USD")).text(), /not followed/);
  await storeInstrument(sql, { symbol: "GONE/USD" });
  await setActive(sql, "simulator", ["GONE/USD"], false);
  assert.doesNotMatch(await (await site("/instruments/GONE-USD")).text(), /next run/);
});

forEachDatabase("The chart's words tell a forming price as one, in the page's numbers", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql);
  await storeCloses(sql, id, { "2026-11-19": "98000.5" });
  const site = await openSite({ sql });
  const labelOf = async () => {
    const html = await (await site("/instruments/BTC-USD")).text();
    return islandProps(html, "PriceChart").label as string;
  };
  assert.match(await labelOf(), / to 2026-11-19 UTC, last close 98,000\.50\. The table/);
  const forming = candle("2026-11-20T00:00:00Z", "98123.5", { isFinal: false });
  await storeCandles(sql, id, "1day", [forming], NOW);
  assert.match(
    await labelOf(),
    / to 2026-11-20 UTC, last candle still forming, at 98,123\.50\. The table/,
  );
});

forEachDatabase("A bad query of a page is refused with the name of the field", async ({ sql }) => {
  const site = await openSite({ sql });
  const response = await site("/pipeline?run=first");
  assert.equal(response.status, 400);
  assert.match(
    await response.text(),
    /run must be a whole number .* current value is &quot;first&quot;/,
  );
  await storeInstrument(sql, AAPL);
  const html = await (await site("/instruments/AAPL?interval=bogus")).text();
  assert.ok(
    textOf(html).includes(
      `interval must be one of ${INTERVALS.join(", ")}: current value is &quot;bogus&quot;`,
    ),
  );
  assert.match(html, /href="\/instruments\/AAPL" class="button">Try without the query/);
  assert.equal((await site("/pipeline?utm_source=mail")).status, 200, "what a mailer hung on it");
});

forEachDatabase("An address that is nearly right leads to the right one", async ({ sql }) => {
  await storeInstrument(sql);
  const site = await openSite({ sql });
  const follow = async (path: string) => {
    const response = await site(path);
    const target = response.headers.get("location");
    assert.equal(response.status, 301, path);
    const { host, pathname, search } = new URL(target!, "http://site.test");
    assert.equal(host, "site.test", path);
    return pathname + search;
  };
  assert.equal(await follow("/pipeline/"), "/pipeline");
  assert.equal(
    await follow("/instruments/BTC-USD/?interval=1h"),
    "/instruments/BTC-USD?interval=1h",
  );
  assert.equal(
    await follow("/instruments/BTC/USD?interval=1h"),
    "/instruments/BTC-USD?interval=1h",
  );
  assert.equal(await follow("/instruments/BTC/EUR"), "/instruments/BTC-EUR");
  assert.equal(await follow("/instruments/..%2F/%2Fevil.com"), "/instruments/..---evil.com");
  const unknown = await site("/instruments/BTC-EUR");
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /Did you mean.*href="\/instruments\/BTC-USD"/s);
});

forEachDatabase("Each run has a page, however old, and an unknown one a 404", async ({ sql }) => {
  const site = await openSite({ sql });
  assert.equal((await site("/pipeline?run=1")).status, 404, "before the first run");
  const ids: number[] = [];
  for (let age = 45; age > 0; age--) {
    const startedAt = new Date(NOW.getTime() - age * 3_600_000);
    const steps = [{ symbol: `SYMBOL${ids.length + 1}`, finishedAt: startedAt }];
    ids.push(await storeRun(sql, { startedAt, durationMs: 9, steps }));
  }
  const rowsOf = (html: string) =>
    [...html.matchAll(/href="\/pipeline\?run=(\d+)#steps"/g)].map((match) => Number(match[1]));
  const newest = ids.toReversed().slice(0, 40);
  for (const id of [ids[0]!, ids.at(-1)!]) {
    const response = await site(`/pipeline?run=${id}`);
    assert.equal(response.status, 200);
    const html = await response.text();
    assert.ok(textOf(html).includes(`Steps of run #${id}`));
    assert.ok(html.includes(`SYMBOL${id}<`));
    assert.deepEqual(rowsOf(html), newest.includes(id) ? newest : [...newest, id]);
  }
  const unknown = await site(`/pipeline?run=${ids.at(-1)! + 1}`);
  assert.equal(unknown.status, 404);
  assert.match(textOf(await unknown.text()), /There is no run #\d+/);
  await sql`update market.runs set source = 'import' where id = ${ids[0]!}`;
  assert.equal((await site(`/pipeline?run=${ids[0]}`)).status, 404, "a run of another source");
});

forEachDatabase(
  "A volume over 24 h that no stored interval can tell is missing, not unreported",
  async ({ database, sql }) => {
    const instrument = await storeInstrument(sql, AAPL);
    const startedAt = new Date("2026-11-20T18:00:00Z");
    const runId = await startRun(sql, { source: "simulator", trigger: "manual", startedAt });
    const candles = [candle("2026-11-20T14:30:00Z", "230", { volume: "1000" })];
    const load = { instrumentId: instrument.id, candles, rejects: [], runId, loadedAt: NOW };
    await loadCandles(database, { ...load, interval: "4h" });
    const html = await (await (await openSite({ sql }))("/instruments/AAPL")).text();
    for (const name of ["High", "Low", "Volume"]) {
      assert.match(html, new RegExp(`<dt>${name}, 24 h</dt><dd>(<span class="price">)?–<`), name);
    }
  },
);

forEachDatabase(
  "The overview marks a coin that is stale, and no stock whose market is closed",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const staleAt = async (time: string) => {
      const site = await openSite({ sql, now: () => new Date(time) });
      const cells = overviewCells(await (await site("/")).text());
      return [...cells].filter(([, [price]]) => /ago *stale$/.test(price!)).map(([name]) => name);
    };
    assert.deepEqual(await staleAt(NOW.toISOString()), []);
    // Friday evening, nine hours later: forex and stocks are closed, but their last hours are missing.
    assert.deepEqual((await staleAt("2026-11-21T03:20:00Z")).sort(), SYMBOLS.toSorted());
    const late = candle("2026-11-20T20:30:00Z", "230");
    const aapl = await getInstrumentBySymbol(sql, "simulator", "AAPL");
    const load = { instrumentId: aapl!.id, rejects: [], runId: 1, loadedAt: NOW };
    await loadCandles(database, { ...load, interval: "1h", candles: [late] });
    const day = candle("2026-11-20T00:00:00Z", "230");
    await loadCandles(database, { ...load, interval: "1day", candles: [day] });
    const stale = await staleAt("2026-11-21T03:20:00Z");
    assert.ok(stale.includes("BTC/USD"), "nine hours old, round the clock");
    assert.ok(!stale.includes("AAPL"), "closed, and nothing is missing");
    const headAt = async (time: string, slug: string) => {
      const site = await openSite({ sql, now: () => new Date(time) });
      const html = await (await site(`/instruments/${slug}`)).text();
      return /<p class="headline-note">.*?<\/p>/s.exec(html)![0];
    };
    const bitcoin = await headAt("2026-11-21T03:20:00Z", "BTC-USD");
    assert.match(bitcoin, /title="The next candle of 1 hour is 6 h 50 min overdue"[^>]*>stale</);
    assert.doesNotMatch(bitcoin, /forming/, "nobody follows it");
    const current = await headAt(NOW.toISOString(), "BTC-USD");
    assert.match(current, /class="forming"/);
    for (const head of [current, await headAt("2026-11-21T03:20:00Z", "AAPL")]) {
      assert.doesNotMatch(head, /stale/);
    }
  },
);

forEachDatabase(
  "Each chart has a note for browsers without JavaScript",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    for (const [path, charts] of [["/", 1], ["/instruments/AAPL", 6]] as const) {
      const html = await (await site(path)).text();
      assert.equal(html.match(/component-name="\/islands\/\w+Chart\.tsx"/g)?.length, charts, path);
      const notes = html.match(
        /<noscript><p class="chart-note">The chart needs JavaScript; the table /g,
      );
      assert.equal(notes?.length, charts, path);
    }
  },
);
