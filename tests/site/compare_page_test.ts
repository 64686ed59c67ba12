/** `/compare`: its numbers are those of the database, and every address gets an answer that helps. */
import assert from "node:assert/strict";
import { formatNumber, formatPercent } from "../../components/format.ts";
import type { Sql } from "../../db/connect.ts";
import { findInstruments } from "../../db/instrument_search.ts";
import type { Instrument } from "../../market/instrument.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeCloses, storeInstrument } from "../support/market.ts";
import { fillDatabase, NOW, openSite } from "../support/site.ts";

type Site = Awaited<ReturnType<typeof openSite>>;

async function read(site: Site, query: string, status = 200, cookie = ""): Promise<string> {
  const response = await site(`/compare${query}`, { headers: { cookie } });
  assert.equal(response.status, status, query);
  return (await response.text()).replaceAll("&amp;", "&");
}

const textOf = (html: string) => html.replace(/<[^>]*>/g, "");

/** The section with the heading of that id. */
function sectionOf(html: string, id: string): string {
  return new RegExp(`aria-labelledby="${id}".*?</section>`, "s").exec(html)?.[0] ??
    assert.fail(`no section ${id}`);
}

/** The texts of the cells of the last table of a section, row by row. */
function cellsOf(section: string): string[][] {
  const body = section.slice(section.lastIndexOf("<tbody>"));
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => textOf(cell!))
  );
}

/** The props of the n-th line chart. */
function lineProps(html: string, at: number) {
  const props = [...html.matchAll(
    /component-name="\/islands\/LineChart.tsx" data-serialized-props="([^"]*)"/g,
  )];
  return JSON.parse(props[at]![1]!.replaceAll("&quot;", '"'));
}

const dateOf = (at: Date) => at.toISOString().slice(0, 10);

/** What the page must show, asked for in SQL. */
async function ask(sql: Sql, ids: number[], from: string | null) {
  const begin = sql`${from}::text::timestamptz`;
  const [window] = await sql`
    select started_at, ended_at from market.common_window(${ids}, '1day', ${begin}, ${NOW})`;
  const { startedAt, endedAt } = window!;
  const end = new Date(endedAt.getTime() + 86_400_000);
  return {
    startedAt,
    endedAt,
    lines: await sql`
      select * from market.rebased(${ids}, '1day', ${startedAt}, ${end}) order by opened_at`,
    correlations: await sql`
      select * from market.correlations(${ids}, '1day', ${startedAt}, ${end})`,
    rolling: await sql`
      select * from market.rolling_correlation(${ids[0]!}, ${ids[1]!}, '1day', null, ${end}, 30)
      where opened_at >= ${startedAt} order by opened_at`,
    risk: await sql`select * from market.risk_and_return(${ids}, ${startedAt}, ${end})`,
    betas: await sql`select * from market.betas(${ids}, ${ids[0]!}, '1day', ${startedAt}, ${end})`,
  };
}

forEachDatabase("A comparison shows the numbers of the database", async ({ database, sql }) => {
  await fillDatabase(database);
  const site = await openSite({ sql });
  const html = await read(site, "?symbols=AAPL,BTC-USD,EUR-USD");
  const instruments = await findInstruments(sql, "simulator", ["AAPL", "BTC-USD", "EUR-USD"]);
  const ids = instruments.map((each) => each!.id);
  const told = await ask(sql, ids, "2025-11-21");

  assert.match(html, /<title>Compare AAPL, BTC\/USD, and EUR\/USD · Chandlery<\/title>/);
  const lines = sectionOf(html, "lines");
  assert.ok(lines.includes(dateOf(told.startedAt)) && lines.includes(dateOf(told.endedAt)));
  const rows = cellsOf(lines).toReversed();
  const { labels, series } = lineProps(html, 0);
  assert.ok(labels.length > 200 && labels.length <= 250);
  assert.deepEqual(labels, rows.map(([date]) => date), "the table has the chart's dates");
  assert.deepEqual(series.map((each: { name: string }) => each.name), [
    "AAPL",
    "BTC/USD",
    "EUR/USD",
  ]);
  for (const [at, [date, ...values]] of rows.entries()) {
    for (const [column, id] of ids.entries()) {
      const exact = told.lines.find((row) =>
        row.instrumentId === id && dateOf(row.openedAt) === date
      );
      assert.equal(values[column], exact!.value.toFixed(2), `${date} of ${id}`);
      assert.equal(series[column].values[at], Number(exact!.value.toFixed(2)));
    }
  }

  const matrix = sectionOf(html, "correlations");
  const dates = `from ${dateOf(told.startedAt)} to ${dateOf(told.endedAt)}`;
  assert.ok(textOf(matrix).includes(`Of daily returns ${dates}, from −1 to 1`), textOf(matrix));
  const cells = cellsOf(matrix);
  for (const [row, one] of ids.entries()) {
    for (const [column, other] of ids.entries()) {
      const exact = told.correlations.find((cell) =>
        cell.instrumentId === one && cell.otherInstrumentId === other
      )!;
      assert.equal(
        cells[row]![column + 1],
        `${formatNumber(exact.correlation, 2)}${exact.observations} returns`,
      );
    }
  }

  const rolling = cellsOf(sectionOf(html, "rolling")).toReversed();
  assert.ok(rolling.length > 200 && rolling.length <= 250);
  for (const [date, shown] of rolling) {
    const exact = told.rolling.find((row) => dateOf(row.openedAt) === date)!;
    assert.equal(shown, formatNumber(exact.correlation, 2), date);
  }

  for (const [at, cells] of cellsOf(sectionOf(html, "risk")).entries()) {
    const risk = told.risk.find(({ instrumentId }) => instrumentId === ids[at])!;
    const beta = told.betas.find(({ instrumentId }) => instrumentId === ids[at])!;
    const last = told.lines.findLast(({ instrumentId }) => instrumentId === ids[at])!;
    const [performance] = await sql`
      select deepest_drawdown_percent from market.performance(${ids[at]!},
        ${new Date(told.startedAt.getTime() + 86_400_000)},
        ${new Date(told.endedAt.getTime() + 86_400_000)})`;
    const drawdown = formatPercent(performance!.deepestDrawdownPercent);
    const [symbol, total, year, volatility, shownBeta, deepest, first, lastOn, count] = cells;
    assert.equal(symbol, instruments[at]!.symbol);
    assert.ok(total!.endsWith(formatPercent(last.value - 100)), "the line's own end");
    assert.ok(year!.endsWith(formatPercent(risk.returnPercentPerYear)));
    assert.equal(volatility, `${risk.volatilityPercentPerYear.toFixed(2)} %`);
    assert.equal(shownBeta, formatNumber(beta.beta, 2));
    assert.ok(deepest!.slice(1).startsWith(drawdown), `${deepest} is ${drawdown}`);
    assert.deepEqual([first, lastOn], [dateOf(told.startedAt), dateOf(told.endedAt)]);
    assert.equal(count, String(risk.observations));
  }
  assert.equal(html.match(/class="dot"/g)?.length, 3);
  assert.ok(!html.includes("Dates differ"));
});

/** Two shares and a coin of January 2026. */
async function storeSome(sql: Sql): Promise<Instrument[]> {
  const one = await storeInstrument(sql, AAPL);
  const other = await storeInstrument(sql, { ...AAPL, symbol: "GOOGL", slug: "GOOGL", name: "G" });
  const coin = await storeInstrument(sql);
  const closes = { "2026-11-02": "10", "2026-11-03": "12", "2026-11-04": "11", "2026-11-05": "13" };
  await storeCloses(sql, one.id, closes);
  await storeCloses(sql, other.id, { "2026-11-10": "7", "2026-11-11": "8" });
  await storeCloses(sql, coin.id, { ...closes, "2026-11-07": "9", "2026-11-11": "10" });
  return [one, other, coin];
}

forEachDatabase("Names that no instrument has are told, and the others are compared", async (
  { sql },
) => {
  await storeSome(sql);
  const site = await openSite({ sql });
  const html = await read(site, "?symbols=aapl,GOOLG,btc%2Fusd,AAPL&range=30d");
  assert.match(html, /<h1>Compare AAPL and BTC\/USD<\/h1>/);
  assert.match(html, /No instrument is called <q>GOOLG<\/q>/);
  assert.ok(html.includes('href="/compare?symbols=AAPL,BTC-USD,GOOGL&range=30d"'));
  const nothing = await read(site, "?symbols=%26%26");
  assert.match(nothing, /No instrument is called <q>&&<\/q>/);
  assert.match(nothing, /What do you want to compare/);
});

forEachDatabase("A chip leads to the comparison without it, a range keeps the rest", async (
  { sql },
) => {
  await storeSome(sql);
  const site = await openSite({ sql });
  const query = "?symbols=AAPL,BTC-USD,GOOGL&range=all&pair=GOOGL,AAPL&window=60";
  const html = await read(site, query);
  assert.match(
    html,
    /href="\/compare\?symbols=BTC-USD,GOOGL&range=all&window=60" aria-label="Remove AAPL"/,
  );
  assert.match(
    html,
    /href="\/compare\?symbols=AAPL,GOOGL&range=all&pair=GOOGL,AAPL&window=60" aria-label="Remove BTC/,
  );
  assert.ok(
    html.includes('href="/compare?symbols=AAPL,BTC-USD,GOOGL&pair=GOOGL,AAPL&window=60"'),
    "the range by itself is not in the address",
  );
  assert.match(html, /Rolling correlation of GOOGL and AAPL/);
});

forEachDatabase("One alone is drawn; those without a date in common are told apart", async (
  { sql },
) => {
  await storeSome(sql);
  const site = await openSite({ sql });
  const alone = await read(site, "?symbols=AAPL");
  assert.deepEqual(lineProps(alone, 0).series, [{ name: "AAPL", values: [100, 120, 110, 130] }]);
  assert.match(alone, /One alone has no correlation/);
  assert.match(alone, /what so few days would compound to/);

  const apart = await read(site, "?symbols=AAPL,GOOGL");
  assert.match(sectionOf(apart, "lines"), /no final daily candle on the same date/);
  assert.match(sectionOf(apart, "risk"), /Dates differ/);
  assert.equal(cellsOf(sectionOf(apart, "correlations"))[0]![2], "–0 returns");
  assert.match(sectionOf(apart, "rolling"), /fewer than 30 daily returns in common/);

  const { id } = await storeInstrument(sql, { ...AAPL, symbol: "OLD", slug: "OLD", name: null });
  await storeCloses(sql, id, { "2020-01-02": "1" });
  const old = await read(site, "?symbols=OLD,AAPL");
  assert.match(sectionOf(old, "lines"), /Without a final daily candle in this range: OLD/);
  assert.deepEqual(lineProps(old, 0).series.map(({ name }: { name: string }) => name), ["AAPL"]);
});

forEachDatabase("An addition by the form leads to the comparison with it", async ({ sql }) => {
  await storeSome(sql);
  const site = await openSite({ sql });
  const follow = async (query: string) => {
    const response = await site(`/compare${query}`);
    assert.equal(response.status, 303, query);
    return response.headers.get("location");
  };
  assert.equal(await follow("?add=btcusd"), "/compare?symbols=BTC-USD");
  assert.equal(
    await follow("?symbols=AAPL&range=90d&window=60&add=BTC%2FUSD"),
    "/compare?symbols=AAPL,BTC-USD&range=90d&window=60",
  );
  assert.equal(await follow("?symbols=AAPL&add=bitcoin"), "/compare?symbols=AAPL,BTC-USD");
  assert.equal(await follow("?symbols=AAPL&add=AAPL"), "/compare?symbols=AAPL");
  assert.equal(await follow("?symbols=X%26Y,AAPL&add=GOOGL"), "/compare?symbols=AAPL,X%26Y,GOOGL");
  const many = await read(site, "?symbols=AAPL&add=zzzz");
  assert.match(many, /No instrument is called <q>zzzz<\/q>/);
  assert.match(many, /<h1>Compare AAPL<\/h1>/);
});

forEachDatabase(
  "The start offers the watchlist and pairs; without instruments, the way to them",
  async (
    { sql },
  ) => {
    const site = await openSite({ sql });
    assert.match(await read(site, ""), /Nothing is stored yet/);
    await storeSome(sql);
    const start = await read(site, "", 200, "watchlist=GOOGL|BTC-USD|GONE");
    assert.match(start, /Your watchlist.*?href="\/compare\?symbols=GOOGL,BTC-USD"/s);
    assert.ok(start.includes('href="/compare?symbols=AAPL,BTC-USD"'), "a stock and a coin");
    assert.ok(!(await read(site, "?symbols=")).includes("Your watchlist"));
  },
);

forEachDatabase("A comparison that cannot be read is refused with the name of the field", async (
  { sql },
) => {
  await storeSome(sql);
  const site = await openSite({ sql });
  const nine = "ABCDEFGHI".split("").join(",");
  for (
    const [query, message] of [
      [`?symbols=${nine}`, "symbols must be at most 8 instruments"],
      ["?symbols=%3Cb%3E", "symbols must be slugs or symbols"],
      ["?symbols=A%00", "symbols must be slugs or symbols"],
      ["?symbols=A&symbols=B", "symbols must be given once"],
      ["?range=2y", "range must be one of 30d, 90d, 1y, 3y, all"],
      ["?window=31", "window must be one of 30, 60, 90"],
      ["?symbols=AAPL,GOOGL&pair=AAPL", "pair must be two of the symbols"],
      ["?symbols=AAPL,GOOGL&pair=AAPL,AAPL", "pair must be two of the symbols"],
      ["?symbols=AAPL,GOOGL&pair=AAPL,BTC-USD", "pair must be two of the symbols"],
      [`?add=${"x".repeat(101)}`, "add must be 1 to 100 characters"],
    ] as const
  ) {
    assert.ok((await read(site, query, 400)).includes(message), query);
  }
});
