/** `/stocks`, `/crypto` and `/forex`, against the database: lines, returns, averages, empty states. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import type { InstrumentInput } from "../../db/instruments.ts";
import { datesOf, StatsWindow } from "../../market/stats_window.ts";
import { forEachDatabase } from "../support/databases.ts";
import { storeMany } from "../support/many.ts";
import { AAPL, storeCloses, storeInstrument } from "../support/market.ts";
import {
  changeText,
  islandProps,
  overviewLines,
  sectionOf,
  shownSymbols,
  textOf,
  tilesOf,
} from "../support/overview_html.ts";
import { fillDatabase, NOW, openSite } from "../support/site.ts";

const DAY_MS = 86_400_000;
const CLASSES = {
  "/stocks": ["AAPL", "AMZN", "GOOGL", "META"],
  "/crypto": ["BTC/USD", "ETH/USD", "SOL/USD"],
  "/forex": ["EUR/USD"],
} as const;

interface Lines {
  labels: string[];
  series: { name: string; values: (number | null)[] }[];
}

function linesOf(html: string): { trend: Lines; averages: Lines } {
  const [trend, averages] = islandProps(html, "LineChart") as unknown as Lines[];
  return { trend: trend!, averages: averages! };
}

async function storeDays(
  sql: Sql,
  values: Partial<InstrumentInput>,
  count: number,
  { endsDaysAgo = 1, close = (day: number) => 100 + day } = {},
): Promise<number> {
  const { id } = await storeInstrument(sql, { ...values, slug: values.symbol });
  const today = Math.floor(NOW.getTime() / DAY_MS);
  const closes = Array.from({ length: count }, (_, day) => [
    new Date((today - endsDaysAgo - count + 1 + day) * DAY_MS).toISOString().slice(0, 10),
    String(close(day)),
  ]);
  await storeCloses(sql, id, Object.fromEntries(closes));
  return id;
}

forEachDatabase(
  "A class's lines, returns and averages are the database's, in every window",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    for (const [path, symbols] of Object.entries(CLASSES)) {
      const kind = path === "/stocks" ? "stock" : path.slice(1);
      const instruments = await sql<{ id: number; symbol: string; slug: string }[]>`
        select id, symbol, slug from market.instruments where kind = ${kind} order by symbol`;
      const ids = instruments.map(({ id }) => id);
      for (const range of StatsWindow.options) {
        const { from } = datesOf(range, NOW);
        const last = instruments.at(-1)!;
        const html = await (await site(`${path}?range=${range}&symbol=${last.slug}`)).text();
        const name = `${path} ${range}`;
        assert.deepEqual(shownSymbols(html), symbols, name);

        const { trend, averages } = linesOf(html);
        assert.ok(trend.labels.length > 10 && trend.labels.length <= 120, name);
        const exact = await sql<{ symbol: string; date: string; value: number }[]>`
          select i.symbol, (r.opened_at at time zone 'UTC')::date::text as date, r.value
          from market.rebased(${ids}, '1day', ${from}, ${NOW}) r
          join market.instruments i on i.id = r.instrument_id
          order by r.opened_at`;
        for (const { name: line, values } of trend.series) {
          if (line.startsWith("Mean")) continue;
          const own = new Map(
            exact.filter(({ symbol }) => symbol === line).map(({ date, value }) => [date, value]),
          );
          const wanted = trend.labels.map((date) => Number(own.get(date)!.toFixed(3)));
          assert.deepEqual(values, wanted, `${name} ${line}`);
          assert.equal(values[0], 100);
        }
        const [mean] = trend.series.filter(({ name }) => name.startsWith("Mean"));
        assert.equal(trend.series.length, symbols.length + (symbols.length > 1 ? 1 : 0));
        const trends = await sql<{ date: string; value: number }[]>`
          select (opened_at at time zone 'UTC')::date::text as date, value
          from market.class_trends('simulator', '1day', ${from}, ${NOW}) where kind = ${kind}`;
        const means = new Map(trends.map(({ date, value }) => [date, value]));
        for (const [at, value] of (mean?.values ?? []).entries()) {
          assert.ok(Math.abs(value! - means.get(trend.labels[at]!)!) < 0.0006, `${name} mean`);
        }

        const returns = await sql<{ symbol: string; returnPercent: number }[]>`
          select i.symbol, r.return_percent
          from market.performance_ranking(${ids}, '1day', ${from}, ${NOW}) r
          join market.instruments i on i.id = r.instrument_id order by r.place`;
        const bars = islandProps(html, "BarChart");
        assert.equal(bars.length, symbols.length > 1 ? 1 : 0);
        if (bars[0]) assert.deepEqual(bars[0].labels, returns.map(({ symbol }) => symbol), name);
        const table = textOf(sectionOf(html, "returns"));
        for (const [at, { symbol, returnPercent }] of returns.entries()) {
          assert.ok(table.includes(`${at + 1}${symbol}${changeText(returnPercent)}`), table);
        }

        const closes = await sql<
          { date: string; close: string; average7Days: number | null; average30Days: number }[]
        >`
          select traded_on::text as date, close, average_7_days as "average7Days",
            average_30_days as "average30Days"
          from market.moving_averages_of_days(${last.id}, ${from}, ${NOW}) order by traded_on`;
        assert.equal(averages.labels.at(-1), closes.at(-1)!.date);
        assert.equal(averages.labels[0], closes[0]!.date);
        for (const [at, date] of averages.labels.entries()) {
          const row = closes.find((close) => close.date === date)!;
          const [close, week, month] = averages.series.map(({ values }) => values[at]!);
          const near = (a: number | null, b: number | null) =>
            a === b || Math.abs(a! - b!) <= Math.abs(b!) * 1e-4;
          assert.ok(near(close!, Number(row.close)), `${name} ${date}`);
          assert.ok(near(week ?? null, row.average7Days), `${name} ${date}`);
          assert.ok(near(month ?? null, row.average30Days), `${name} ${date}`);
        }
        assert.match(html, new RegExp(`Moving averages of ${last.symbol}<`));
      }
    }
  },
);

forEachDatabase("Stocks hold funds and indices, forex commodities", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "S1" }, 60);
  await storeDays(sql, { ...AAPL, symbol: "S2" }, 60, { close: (day) => 200 - day });
  await storeDays(sql, { ...AAPL, symbol: "FUND", kind: "etf" }, 60);
  await storeDays(sql, { ...AAPL, symbol: "INDEX", kind: "index" }, 60);
  await storeDays(sql, { symbol: "EURUSD", kind: "forex" }, 60);
  await storeDays(sql, { symbol: "GOLD", kind: "commodity" }, 60);
  const site = await openSite({ sql });
  const stocks = await (await site("/stocks")).text();
  assert.deepEqual(shownSymbols(stocks), ["S1", "S2", "FUND", "INDEX"]);
  assert.deepEqual(linesOf(stocks).trend.series.map(({ name }) => name), [
    "Mean of stocks",
    "FUND",
    "INDEX",
    "S1",
    "S2",
  ]);
  const sorted = await (await site("/stocks?sort=symbol&dir=desc&kind=stock")).text();
  assert.deepEqual(shownSymbols(sorted), ["S2", "S1"]);
  assert.match(sorted, /href="\/stocks\?range=30d&amp;kind=stock&amp;sort=symbol&amp;dir=desc"/);
  assert.deepEqual(shownSymbols(await (await site("/forex")).text()), ["EURUSD", "GOLD"]);
});

forEachDatabase(
  "Of many members the best and the worst are lines, and all are in the table",
  async ({ sql }) => {
    for (let number = 1; number <= 12; number++) {
      const symbol = `S${String(number).padStart(2, "0")}`;
      await storeDays(sql, { ...AAPL, symbol }, 60, { close: (day) => 1000 + day * number });
    }
    const site = await openSite({ sql });
    const html = await (await site("/stocks?range=30d")).text();
    assert.deepEqual(linesOf(html).trend.series.map(({ name }) => name), [
      "Mean of stocks",
      ...["S12", "S11", "S10", "S09"],
      ...["S03", "S02", "S01"],
    ]);
    assert.match(textOf(html), /Lines are the best and the worst 7 of 12; means and the table/);
    assert.equal(sectionOf(html, "returns").match(/<tr><td class="number">\d+<\/td>/g)?.length, 12);
    const [mean] = await sql<{ value: number }[]>`
      select value from market.class_trends(
        'simulator', '1day', ${new Date(NOW.getTime() - 30 * DAY_MS)}, ${NOW})
      order by opened_at desc limit 1`;
    assert.equal(linesOf(html).trend.series[0]!.values.at(-1), Number(mean!.value.toFixed(3)));
  },
);

forEachDatabase("Who would cut the lines short is left out and named", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "FULL" }, 200);
  await storeDays(sql, { ...AAPL, symbol: "LATE" }, 20);
  await storeDays(sql, { ...AAPL, symbol: "ENDED" }, 100, { endsDaysAgo: 30 });
  await storeInstrument(sql, { ...AAPL, symbol: "NONE" });
  const site = await openSite({ sql });
  const html = await (await site("/stocks")).text();
  assert.deepEqual(linesOf(html).trend.series.map(({ name }) => name), ["FULL"]);
  assert.match(
    textOf(html),
    /Left out, .*: ENDED \(have ended before\); LATE \(begin later\); NONE \(no candle in this window\)/,
  );
  assert.equal(overviewLines(html).length, 4, "all are in the table");
  const all = linesOf(await (await site("/stocks?range=all")).text()).trend;
  assert.deepEqual(all.series.map(({ name }) => name).sort(), ["FULL", "LATE", "Mean of stocks"]);
  assert.equal(all.labels.length, 20, "from the first day that all have");
});

forEachDatabase(
  "Where nothing is left to compare, who is left out is named too",
  async ({ sql }) => {
    await storeDays(sql, { ...AAPL, symbol: "ENDED" }, 30, { endsDaysAgo: 30 });
    await storeDays(sql, { ...AAPL, symbol: "NEW" }, 1);
    const site = await openSite({ sql });
    const text = textOf(sectionOf(await (await site("/stocks")).text(), "trend"));
    assert.match(text, /there is one, 2026-11-19 in this window.*ENDED \(have ended before\)\./);
  },
);

forEachDatabase("A range is of the same dates as on the page of an instrument", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "S" }, 800, { endsDaysAgo: 0 });
  const site = await openSite({ sql });
  for (const [range, first] of [["30d", "2026-10-22"], ["1y", "2025-11-21"]] as const) {
    const { trend } = linesOf(await (await site(`/stocks?range=${range}`)).text());
    assert.deepEqual([trend.labels[0], trend.labels.at(-1)], [first, "2026-11-20"]);
    const compared = await (await site(`/compare?symbols=S&range=${range}`)).text();
    assert.match(textOf(compared), new RegExp(`All are 100 on ${first}`));
  }
});

forEachDatabase("A class without instruments says how to add some", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "S" }, 3);
  const site = await openSite({ sql });
  for (const [path, example] of [["/crypto", "BTC/USD"], ["/forex", "XAU/USD"]] as const) {
    const response = await site(path);
    assert.equal(response.status, 200);
    const text = textOf(await response.text());
    assert.match(text, /No instrument of this class is loaded/);
    assert.ok(text.includes(example) && text.includes("SYMBOLS") && text.includes("deno task etl"));
  }
  await storeInstrument(sql);
  assert.match(await (await site("/crypto")).text(), /No candles yet.*href="\/crypto"/s);
});

forEachDatabase("A class with one candle says what is missing", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "S" }, 1);
  const site = await openSite({ sql });
  const html = await (await site("/stocks")).text();
  assert.deepEqual(islandProps(html, "LineChart"), []);
  const text = textOf(html);
  assert.match(
    text,
    /A trend needs two days that all have a candle of, and there is one, 2026-11-19/,
  );
  assert.match(text, /Averages need two final daily candles/);
  assert.equal(overviewLines(html).length, 1);
  assert.match(tilesOf(html).get("Best performer, 24 h")!, /no current change is known/);
  assert.match(tilesOf(html).get("Top gainer, 24 h")!, /nothing rose/);
});

forEachDatabase("A bad query of a class is refused with its field", async ({ sql }) => {
  await storeDays(sql, { ...AAPL, symbol: "S" }, 3);
  await storeDays(sql, { symbol: "COIN" }, 3);
  const site = await openSite({ sql });
  for (
    const [query, rule] of [
      ["range=2y", "range must be one of 30d, 90d, 1y, 3y, all"],
      ["symbol=COIN", "symbol must be the slug of an instrument of this page"],
      ["sort=name", "sort must be one of symbol, price"],
    ] as const
  ) {
    const response = await site(`/stocks?${query}`);
    assert.equal(response.status, 400, query);
    assert.ok(textOf(await response.text()).includes(rule), rule);
  }
});

forEachDatabase("A class of 25 weighs less than 40 kB", async ({ sql }) => {
  await storeMany(sql, 50, NOW);
  const site = await openSite({ sql });
  const response = await site("/crypto?range=1y");
  const html = new Blob([await response.text()]);
  const gzipped = html.stream().pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(gzipped).arrayBuffer();
  assert.ok(byteLength <= 40_000, `${byteLength} bytes`);
});
