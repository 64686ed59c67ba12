/** `/`, against the database: figures, order, filter, span, stars, staleness, weight. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import {
  listOverview,
  listSpanSummaries,
  listTurnover,
  OVERVIEW_ORDERS,
  type OverviewRow,
} from "../../db/overview.ts";
import { Span } from "../../market/span.ts";
import { forEachDatabase } from "../support/databases.ts";
import { storeMany } from "../support/many.ts";
import { AAPL, candle, storeCandles, storeInstrument } from "../support/market.ts";
import {
  changeText,
  islandProps,
  overviewLines,
  sectionOf,
  shownSymbols,
  textOf,
  tilesOf,
} from "../support/overview_html.ts";
import { fillDatabase, NOW, openSite, SYMBOLS } from "../support/site.ts";

const CHANGES = {
  "1h": "change1hPercent",
  "24h": "change24hPercent",
  "7d": "change7dPercent",
  "30d": "change30dPercent",
  "ytd": "changeYtdPercent",
  "1y": "change1yPercent",
} as const satisfies Record<Span, keyof OverviewRow>;

/** Most of 40 kB, which is the most that a page may weigh. */
const MOST_BYTES = 40_000;

async function gzippedBytes(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Instruments that lack one thing each, and one that lacks all. */
async function storeUneven(sql: Sql): Promise<void> {
  const hours = {
    "AAA": { "2025-11-19T18": "50", "2026-11-19T18": "100", "2026-11-20T17": "102" },
    "BBB": { "2026-10-19T18": "9", "2026-11-19T18": "10", "2026-11-20T17": "9" },
    "CCC": { "2026-11-20T16": "100", "2026-11-20T17": "101" },
    "DDD": { "2026-11-19T18": "1000", "2026-11-20T17": "1000" },
    "EEE": {},
  };
  for (const [symbol, closes] of Object.entries(hours)) {
    const isCoin = symbol < "C";
    const { id } = await storeInstrument(
      sql,
      isCoin ? { symbol: `${symbol}/USD` } : {
        ...AAPL,
        symbol,
        name: `${symbol} Corporation`,
      },
    );
    const volume = { AAA: "7", BBB: null, CCC: "300", DDD: "20" }[symbol];
    await storeCandles(
      sql,
      id,
      "1h",
      Object.entries(closes).map(([at, close]) => candle(`${at}:00:00Z`, close, { volume })),
      NOW,
    );
  }
}

forEachDatabase("Every figure of the overview is the database's", async ({ database, sql }) => {
  await fillDatabase(database);
  const site = await openSite({ sql });
  const rows = await listOverview(sql, "simulator", NOW);
  const bySymbol = new Map(rows.map((row) => [row.symbol, row]));
  const html = await (await site("/")).text();
  const lines = overviewLines(html);
  assert.deepEqual(lines.map(({ symbol }) => symbol).sort(), SYMBOLS.toSorted());
  for (const { symbol, price, cells } of lines) {
    const row = bySymbol.get(symbol)!;
    assert.equal(price, row.price, symbol);
    assert.match(cells[0]!, /min ago$/, "its age");
    const changes = Span.options.map((span) => changeText(row[CHANGES[span]]));
    assert.deepEqual(cells.slice(1, 7), changes, symbol);
    assert.match(cells[7]!, row.volume24h === null ? /^–$/ : /^[\d.]+[KMB]shares$/, symbol);
  }
  const turnover = await listTurnover(sql, "simulator", NOW);
  const views = await sql`
    select kind, currency, instruments, turnover_24h from market.turnover_by_currency(
      'simulator', ${NOW})`;
  assert.deepEqual(turnover.map(({ turnover24h }) => turnover24h), [views[0]!.turnover24h]);
  assert.ok(html.includes(`<data value="${turnover[0]!.averageTurnover24h}"`));
  assert.match(
    tilesOf(html).get("Average turnover, 24 h")!,
    /estimated.*4 of 4 report it.*Crypto.*not reported/,
  );

  for (const span of Span.options) {
    const shown = await (await site(`/?span=${span}`)).text();
    const movers = await sql<{ symbol: string; changePercent: number }[]>`
      select symbol, change_percent from market.movers('simulator', ${NOW})
      where span = ${span} and change_percent is not null order by change_percent desc`;
    const [bars] = islandProps(shown, "BarChart");
    assert.deepEqual(bars!.labels, movers.map(({ symbol }) => symbol), span);
    assert.deepEqual(
      (bars!.series as { values: number[] }[])[0]!.values,
      movers.map(({ changePercent }) => Number(changePercent.toFixed(4))),
    );
    const tiles = tilesOf(shown);
    const breadth = [...tiles].find(([title]) => title.startsWith("Breadth"))![1];
    const summaries = await listSpanSummaries(sql, "simulator", NOW, span);
    const all = summaries.find(({ kind }) => kind === null)!;
    assert.ok(breadth.startsWith(`${all.rising} up / ${all.falling} down`), `${span}: ${breadth}`);
    if (span !== "24h") {
      const best = [...tiles].find(([title]) => title.startsWith("Best performer"))![1];
      assert.equal(best, movers[0]!.symbol + changeText(movers[0]!.changePercent));
    }
    const classes = textOf(sectionOf(shown, "classes"));
    for (const { kind, ...one } of summaries) {
      if (kind === null) continue;
      assert.ok(classes.includes(changeText(one.averageChangePercent)), `${span} ${kind}`);
      assert.ok(classes.includes(changeText(one.medianChangePercent)), `${span} ${kind}`);
      assert.ok(classes.includes(`${one.bestSymbol} ${changeText(one.bestChangePercent)}`));
      assert.ok(classes.includes(`${one.worstSymbol} ${changeText(one.worstChangePercent)}`));
    }
    const tilesOfHeat = [...shown.matchAll(/href="\/instruments\/([^"]+)"[^>]*class="heat[^"]*"/g)]
      .map(([, slug]) => slug);
    assert.deepEqual(tilesOfHeat.toSorted(), rows.map(({ slug }) => slug).toSorted(), span);
    assert.match(
      shown,
      new RegExp(
        `aria-current="true"[^>]*>${
          { ytd: "YTD" }[span as string] ?? span.replace(/(\d+)/, "$1 ")
        }<`,
      ),
    );
  }
  const day = tilesOf(html);
  const moved = rows.toSorted((a, b) => b.change24hPercent! - a.change24hPercent!);
  assert.match(day.get("Best performer and top gainer, 24 h")!, new RegExp(`^${moved[0]!.symbol}`));
  assert.match(day.get("Top loser, 24 h")!, new RegExp(`^${moved.at(-1)!.symbol}`));
});

forEachDatabase(
  "The table is sorted by each column either way, what is not known last",
  async ({ sql }) => {
    await storeUneven(sql);
    const site = await openSite({ sql });
    const rows = await listOverview(sql, "simulator", NOW);
    assert.deepEqual(
      shownSymbols(await (await site("/")).text()),
      ["CCC", "DDD", "EEE", "AAA/USD", "BBB/USD"],
      "by kind when nothing is asked for",
    );
    const values: Record<string, (row: OverviewRow) => number | string | null> = {
      symbol: (row) => row.symbol,
      price: (row) => row.price && Number(row.price),
      volume_24h: (row) => row.volume24h && Number(row.volume24h),
      ...Object.fromEntries(
        Object.entries(CHANGES).map((
          [span, column],
        ) => [`change_${span}`, (row: OverviewRow) => row[column]]),
      ),
    };
    for (const by of OVERVIEW_ORDERS) {
      for (const dir of ["asc", "desc"] as const) {
        const html = await (await site(`/?sort=${by}&dir=${dir}`)).text();
        const value = values[by]!;
        const known = rows.filter((row) => value(row) !== null);
        const bySymbol = (a: OverviewRow, b: OverviewRow) => a.symbol < b.symbol ? -1 : 1;
        const sign = dir === "asc" ? 1 : -1;
        const sorted = known.sort((a, b) =>
          value(a) === value(b) ? bySymbol(a, b) : value(a)! < value(b)! ? -sign : sign
        );
        const unknown = rows.filter((row) => value(row) === null).sort(bySymbol);
        assert.deepEqual(
          shownSymbols(html),
          [...sorted, ...unknown].map(({ symbol }) => symbol),
          `${by} ${dir}`,
        );
        const marks = [...html.matchAll(/aria-sort="(\w+)"/g)].map(([, mark]) => mark);
        assert.deepEqual(marks, [dir === "asc" ? "ascending" : "descending"], by);
        const opposite = dir === "asc" ? "desc" : "asc";
        assert.ok(html.includes(`href="/?sort=${by}&amp;dir=${opposite}" class="sort"`), by);
      }
    }
    assert.deepEqual(
      shownSymbols(await (await site("/?sort=price")).text())[0],
      "DDD",
      "numbers come down when no direction is said",
    );
  },
);

forEachDatabase("A filter hides rows, whatever else is asked for", async ({ sql }) => {
  await storeUneven(sql);
  const site = await openSite({ sql });
  const shown = async (query: string) => shownSymbols(await (await site(`/?${query}`)).text());
  assert.deepEqual(await shown("q=CORP"), ["CCC", "DDD", "EEE"], "a name, whatever its case");
  assert.deepEqual(await shown("q=b/u"), ["BBB/USD"], "a part of a symbol");
  assert.deepEqual(await shown("q=%20aaa%20&kind=crypto"), ["AAA/USD"]);
  assert.deepEqual(await shown("kind=crypto&sort=symbol&dir=desc"), ["BBB/USD", "AAA/USD"]);
  assert.deepEqual(
    await shown("q=&kind=&sort=&dir="),
    await shown(""),
    "as an empty form sends it",
  );
  const html = await (await site("/?kind=crypto&span=7d")).text();
  assert.equal(overviewLines(html).length, 5, "the others are there, hidden");
  assert.match(sectionOf(html, "instruments"), /2 of 5 instruments/);
  assert.match(html, /<tbody hidden><tr class="group"><td><\/td><th[^>]*>Stocks</);
  assert.match(html, /href="\/\?span=7d&amp;kind=crypto&amp;sort=price&amp;dir=desc"/);
  assert.match(html, /<input type="hidden" name="span" value="7d"\/?>/);
  assert.match(await (await site("/?q=zzz")).text(), /<p class="chart-note no-match">/);
  assert.match(html, /<p hidden class="chart-note no-match">/);
  const none = await (await site("/?span=7d&q=zzz&kind=crypto&sort=symbol&dir=desc")).text();
  assert.match(none, /<a href="\/\?span=7d&amp;sort=symbol&amp;dir=desc">show all 5</);
});

forEachDatabase("A query that makes no sense is refused with its field", async ({ sql }) => {
  const site = await openSite({ sql });
  const refusals = {
    "span=2d": "span must be one of 1h, 24h, 7d, 30d, ytd, 1y",
    "kind=bond": "kind must be one of stock, etf, index, forex, crypto, commodity",
    "sort=name": "sort must be one of symbol, price, change_1h",
    "dir=up": "dir must be one of asc, desc",
    [`q=${"x".repeat(61)}`]: "q must have at most 60 characters",
    "kind=stock&kind=etf": "kind must be given once",
  };
  for (const [query, rule] of Object.entries(refusals)) {
    const response = await site(`/?${query}`);
    assert.equal(response.status, 400, query);
    assert.ok(textOf(await response.text()).includes(rule), rule);
  }
});

forEachDatabase(
  "Stars are rows on top in their order, without those that nobody can see",
  async ({ sql }) => {
    await storeUneven(sql);
    const { id } = await storeInstrument(sql, { ...AAPL, symbol: "GONE" });
    await sql`update market.instruments set is_active = false where id = ${id}`;
    const site = await openSite({ sql });
    const html = async (watchlist: string, path = "/") =>
      await (await site(path, { headers: { cookie: `watchlist=${watchlist}` } })).text();
    const starred = await html("AAA-USD%7CNOBODY%7CGONE%7CDDD%7C%3Cb%3E", "/?q=ccc");
    assert.deepEqual(
      overviewLines(starred, "watchlist").map(({ symbol, isHidden, isStarred }) => [
        symbol,
        isHidden,
        isStarred,
      ]),
      [["AAA/USD", false, true], ["DDD", false, true]],
    );
    const marked = overviewLines(starred).filter(({ isStarred }) => isStarred);
    assert.deepEqual(marked.map(({ slug }) => slug), ["DDD", "AAA-USD"]);
    assert.match(starred, /<p hidden class="muted hint">/);
    assert.match(starred, /name="back" value="\/\?q=ccc"/);
    assert.match(starred, /name="unstar" value="DDD" aria-pressed="true" aria-label="Star DDD"/);
    assert.match(starred, /name="star" value="CCC" aria-pressed="false" aria-label="Star CCC"/);
    const empty = await html("NOBODY");
    assert.deepEqual(overviewLines(empty, "watchlist"), []);
    assert.match(empty, /<p class="muted hint">Empty: the star/);
  },
);

forEachDatabase(
  "A stale price is told, and moves no figure of the market",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const later = new Date(NOW.getTime() + 9 * 3_600_000);
    // Two coins go on; all others stopped nine hours before.
    for (const [symbol, close] of [["BTC/USD", "1000000"], ["ETH/USD", "1"]] as const) {
      const [instrument] = await sql<{ id: number }[]>`
        select id from market.instruments where symbol = ${symbol}`;
      const hours = Array.from(
        { length: 9 },
        (_, hour) => candle(new Date(Date.UTC(2026, 10, 20, 18 + hour)).toISOString(), close),
      );
      await storeCandles(sql, instrument!.id, "1h", hours, later);
    }
    const site = await openSite({ sql, now: () => later });
    const html = await (await site("/")).text();
    const stale = overviewLines(html).filter(({ cells }) => cells[0]!.endsWith("stale"));
    assert.deepEqual(
      stale.map(({ symbol }) => symbol).sort(),
      SYMBOLS.filter((symbol) => !/BTC|ETH/.test(symbol)).sort(),
    );
    const tiles = tilesOf(html);
    assert.match(tiles.get("Breadth, 24 h")!, /^1 up \/ 1 down of 2 .*; 6 stale left out$/);
    assert.match(tiles.get("Newest price")!, /of 8 instruments, 6 stale$/);
    const turnover = await listTurnover(sql, "simulator", later);
    assert.equal(turnover.length, 0, "no share is current, coins report none");
    assert.match(tiles.get("Average turnover, 24 h")!, /^Crypto: not reported6 stale left out$/);
    assert.match(tiles.get("Best performer and top gainer, 24 h")!, /^BTC\/USD/);
    assert.match(tiles.get("Top loser, 24 h")!, /^ETH\/USD/);
    assert.deepEqual(islandProps(html, "BarChart")[0]!.labels, ["BTC/USD", "ETH/USD"]);
    assert.match(textOf(sectionOf(html, "classes")), /Crypto2 of 3, 1 stale left out/);
    assert.doesNotMatch(textOf(sectionOf(html, "classes")), /Stocks/, "none of them is current");
    assert.equal(html.match(/class="heat unknown"/g)?.length, 6);
    assert.equal(html.match(/<span class="note">stale<\/span>/g)?.length, 6);
  },
);

forEachDatabase("Instruments without a candle are an empty state", async ({ sql }) => {
  await storeInstrument(sql);
  const site = await openSite({ sql });
  const html = await (await site("/?span=7d&sort=price")).text();
  assert.match(html, /No candles yet.*1 instrument is known.*deno task etl/s);
});

forEachDatabase("50 instruments weigh less than 40 kB", async ({ sql }) => {
  await storeMany(sql, 50, NOW);
  const site = await openSite({ sql });
  const watchlist = [0, 2, 4, 6, 8].map((number) => `STOCK${number}`).join("%7C");
  for (const path of ["/", "/?span=1y&sort=change_1y"]) {
    const response = await site(path, { headers: { cookie: `watchlist=${watchlist}` } });
    const html = await response.text();
    assert.equal(overviewLines(html).length, 50);
    assert.equal(overviewLines(html, "watchlist").length, 5);
    const bytes = await gzippedBytes(html);
    assert.ok(bytes <= MOST_BYTES, `${path} has ${bytes} bytes`);
    assert.equal((islandProps(html, "BarChart")[0]!.labels as string[]).length, 24);
  }
});
