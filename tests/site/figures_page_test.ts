/** The page of an instrument below its chart: every figure is the one that SQL tells. */
import assert from "node:assert/strict";
import {
  formatAmount,
  formatNumber,
  formatPercent,
  formatSigned,
  formatVolume,
} from "../../components/format.ts";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import { datesOf, type StatsWindow } from "../../market/stats_window.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeCloses, storeInstrument } from "../support/market.ts";
import { fillDatabase, NOW, openSite } from "../support/site.ts";

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&amp;", "&")
    .replaceAll("&quot;", '"');
}

/** The section with the heading of that id. */
function sectionOf(html: string, id: string): string {
  const start = html.indexOf(`aria-labelledby="${id}"`);
  assert.ok(start >= 0, `no section ${id}`);
  return html.slice(start, html.indexOf("</section>", start));
}

/** What a list of figures says: name, HTML of the value. */
function figuresOf(html: string): Map<string, string> {
  const found = html.matchAll(/<dt>([^<]*)<\/dt><dd>(.*?)<\/dd>/gs);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}

/** The exact values of the `data` elements. */
function exactValues(html: string | undefined): string[] {
  return [...(html ?? "").matchAll(/<data value="([^"]+)"/g)].map((match) => match[1]!);
}

/** The texts of the cells of each row of a table's body. */
function rowsOf(html: string): string[][] {
  const [, body = ""] = /<tbody>(.*?)<\/tbody>/s.exec(html) ?? [];
  return [...body.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => textOf(cell!))
  );
}

/** What a section hands to its chart. */
function chartOf(html: string): { labels: string[]; series: { values: number[] }[] } {
  const [, json] = /data-serialized-props="([^"]*)"/.exec(html) ?? assert.fail("no chart");
  return JSON.parse(json!.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
}

/** A change as it is shown: arrow, sign, decimals. */
function changeText(percent: number, decimals = 2): string {
  const shown = Number(percent.toFixed(decimals));
  const arrow = shown > 0 ? "▲" : shown < 0 ? "▼" : "■";
  return arrow + formatPercent(percent, decimals);
}

async function idOf(sql: Sql, symbol: string): Promise<number> {
  return (await getInstrumentBySymbol(sql, "simulator", symbol))!.id;
}

forEachDatabase(
  "The key figures are those of market.figures(), with their units, or say what is not reported",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    const html = await (await site("/instruments/AAPL")).text();
    const shown = figuresOf(sectionOf(html, "figures"));
    // As text, digit for digit.
    const rows = await sql<{ key: string; value: string | null }[]>`
      select each.key, each.value
      from market.figures(${await idOf(sql, "AAPL")}, ${NOW}) f,
        jsonb_each_text(to_jsonb(f)) each`;
    const f = Object.fromEntries(rows.map(({ key, value }) => [key, value ?? assert.fail(key)]));
    const changes = {
      "1 h": "1h",
      "24 h": "24h",
      "7 days": "7d",
      "30 days": "30d",
      "year to date": "ytd",
      "1 year": "1y",
    };
    for (const [window, span] of Object.entries(changes)) {
      const [arrow, ...rest] = changeText(Number(f[`change_${span}_percent`]));
      const expected = `${arrow}${formatAmount(f[`change_${span}`]!, 2)}${rest.join("")}`;
      assert.equal(textOf(shown.get(`Change, ${window}`)!), expected, window);
    }
    const prices = {
      "Low, 24 h": f.low_24h,
      "High, 24 h": f.high_24h,
      "Low, 52 weeks": f.low_52w,
      "High, 52 weeks": f.high_52w,
      "Low, all stored": f.all_time_low,
      "High, all stored": f.all_time_high,
      "Volume, 24 h": f.volume_24h,
      "Turnover, 24 h": f.turnover_24h,
      "Average daily volume, 30 days": f.average_daily_volume_30d,
    };
    for (const [name, value] of Object.entries(prices)) {
      assert.deepEqual(exactValues(shown.get(name)), [value], name);
    }
    assert.match(textOf(shown.get("High, all stored")!), new RegExp(`USD${f.all_time_high_on}$`));
    assert.match(textOf(shown.get("Low, all stored")!), new RegExp(`USD${f.all_time_low_on}$`));
    assert.equal(textOf(shown.get("Volume, 24 h")!), `${formatVolume(f.volume_24h!)}shares`);
    assert.match(textOf(shown.get("Turnover, 24 h")!), /BUSD|MUSD/);
    assert.equal(shown.get("History since"), f.first_candle_at!.slice(0, 10));
    assert.match(sectionOf(html, "figures"), /As of the price <time/);
    const [price, low, high] = [f.price, f.low_52w, f.high_52w].map(Number);
    const share = 100 * (price! - low!) / (high! - low!);
    const [bar] = /<div[^>]*the high, 52 weeks"[^>]*>/.exec(html)!;
    assert.ok(bar.includes(`The price is ${share.toFixed(0)} % of the way from the low`), bar);
    assert.ok(bar.includes(`--share:${share.toFixed(1)}%`), bar);

    const bitcoin = await (await site("/instruments/BTC-USD")).text();
    const coin = figuresOf(sectionOf(bitcoin, "figures"));
    for (const name of ["Volume, 24 h", "Turnover, 24 h", "Average daily volume, 30 days"]) {
      assert.equal(textOf(coin.get(name)!), "not reported", name);
    }
    assert.equal(rowsOf(sectionOf(bitcoin, "hours"))[0]!.length, 4, "no volume by hour either");
    assert.equal(rowsOf(sectionOf(html, "hours"))[0]!.length, 5);
  },
);

forEachDatabase(
  "Statistics look at the window that the address names, and are those that SQL tells of it",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    const id = await idOf(sql, "AAPL");
    const seen = new Set<string>();
    for (const window of ["30d", "1y", "all"] satisfies StatsWindow[]) {
      const response = await site(`/instruments/AAPL?interval=1day&stats=${window}`);
      assert.equal(response.status, 200);
      const html = await response.text();
      const { from, to } = datesOf(window, NOW);

      const [p] = await sql`
        select to_jsonb(p) as p from market.performance(${id}, ${from}, ${to}) p`
        .then((rows) => rows.map((row) => row.p));
      const performance = figuresOf(sectionOf(html, "performance"));
      const text = (name: string) => textOf(performance.get(name)!);
      assert.equal(
        text("Compounded return"),
        `${changeText(p.compounded_return_percent)}${p.first_on} to ${p.last_on}`,
      );
      assert.deepEqual(exactValues(performance.get("Daily returns")), [`${p.return_count}`]);
      assert.deepEqual(
        exactValues(performance.get("Volatility, a year")),
        [`${p.volatility_percent}`],
      );
      assert.deepEqual(exactValues(performance.get("Sharpe ratio, a year")), [`${p.sharpe_ratio}`]);
      assert.match(text("Sharpe ratio, a year"), /risk-free rate 0 %$/);
      assert.equal(
        text("Deepest drawdown"),
        changeText(p.deepest_drawdown_percent) +
          `${p.deepest_drawdown_peak_on} to ${p.deepest_drawdown_trough_on}`,
      );
      const end = p.longest_drawdown_recovered_on;
      assert.equal(
        text("Longest drawdown"),
        `${p.longest_drawdown_days} days${p.longest_drawdown_peak_on}` +
          (end === null ? ", still under way" : ` to ${end}`),
      );
      assert.equal(text("Best day"), changeText(p.best_day_percent) + p.best_day_on);
      assert.equal(text("Worst day"), changeText(p.worst_day_percent) + p.worst_day_on);
      assert.ok(textOf(html).includes(`: ${p.first_on} to ${p.last_on}`), "the window is named");
      seen.add(text("Compounded return"));

      const buckets = await sql`
        select * from market.return_distribution(${id}, ${from}, ${to}) order by lower_percent`;
      const distribution = sectionOf(html, "distribution");
      const counts = buckets.map(({ returnCount }) => returnCount);
      assert.deepEqual(chartOf(distribution).series[0]!.values, counts);
      const number = (text: string) => Number(text.replace("−", "-"));
      assert.deepEqual(
        rowsOf(distribution).map(([name, count]) => [...name!.split(" to "), count!].map(number)),
        buckets.map((bucket) => [bucket.lowerPercent, bucket.upperPercent, bucket.returnCount]),
      );

      const path = await sql`
        select traded_on::text as date, depth_percent
        from market.drawdown_path(${id}, ${from}, ${to}) order by 1`;
      const drawdown = sectionOf(html, "drawdown");
      assert.deepEqual(chartOf(drawdown).labels, path.map(({ date }) => date));
      assert.deepEqual(
        chartOf(drawdown).series[0]!.values,
        path.map(({ depthPercent }) => Number(depthPercent.toFixed(4))),
      );
      const falls = await sql`
        select peak_on::text, trough_on::text, recovered_on::text, depth_percent, duration_days
        from market.drawdowns(${id}, ${from}, ${to}) order by depth_percent limit 5`;
      assert.deepEqual(
        rowsOf(drawdown),
        falls.map((fall) => [
          fall.peakOn,
          changeText(fall.depthPercent),
          fall.troughOn,
          fall.recoveredOn ?? "under way",
          `${fall.durationDays}`,
        ]),
      );
      assert.deepEqual(
        rowsOf(drawdown.slice(drawdown.indexOf("Drawdown on"))),
        path.map(({ date, depthPercent }) => [date, formatNumber(depthPercent, 2)]).reverse(),
      );

      const weekdays = await sql`
        select to_char('2023-12-31'::date + weekday, 'Dy') as name, average_return_percent as a,
          rising_percent as r, return_count as n
        from market.seasonality_by_weekday(${id}, ${from}, ${to}) order by weekday`;
      assert.deepEqual(
        rowsOf(sectionOf(html, "weekdays")),
        weekdays.map(({ name, a, r, n }) => [name, changeText(a, 3), `${r.toFixed(1)} %`, `${n}`]),
      );
      const hours = await sql`
        select to_char(make_time(hour, 0, 0), 'HH24:MI') as name, average_return_percent as a,
          rising_percent as r, candle_count as n, average_volume as v
        from market.seasonality_by_hour(${id}, ${from}, ${to}) order by hour`;
      assert.equal(hours.length, 7);
      assert.deepEqual(
        rowsOf(sectionOf(html, "hours")),
        hours.map(({ name, a, r, n, v }) => [
          ...[name, changeText(a, 3), `${r.toFixed(1)} %`, `${n}`],
          formatVolume(v),
        ]),
      );
      assert.match(sectionOf(html, "hours"), />Average volume, shares</);
      assert.match(html, />Volume, shares</);
      assert.match(textOf(sectionOf(html, "hours")), /America\/New_York time/);
    }
    assert.equal(seen.size, 3, "the windows differ");
  },
);

forEachDatabase(
  "Monthly returns are all that is stored, and each year what its months compound to",
  async ({ database, sql }) => {
    await fillDatabase(database);
    const site = await openSite({ sql });
    const id = await idOf(sql, "ETH/USD");
    const html = await (await site("/instruments/ETH-USD?stats=30d")).text();
    const months = await sql`
      select extract(year from month)::int as year, extract(month from month)::int as month,
        return_percent as percent
      from market.monthly_returns(${id}, null, null)`;
    const years = await sql`
      select year, return_percent as percent from market.yearly_returns(${id}, null, null)
      order by year desc`;
    assert.deepEqual(
      rowsOf(sectionOf(html, "months")),
      years.map(({ year, percent }) => [
        `${year}`,
        ...Array.from({ length: 12 }, (_, at) => {
          const found = months.find((each) => each.year === year && each.month === at + 1);
          return found ? formatSigned(found.percent, 1) : "";
        }),
        formatSigned(percent, 1),
      ]),
    );
    for (const { percent } of [...months, ...years]) {
      assert.ok(exactValues(html).includes(`${percent}`), `${percent}`);
    }
    const largest = Math.max(...months.map(({ percent }) => Math.abs(percent)));
    const cell = months.find(({ percent }) => Math.abs(percent) === largest)!;
    const [td] = new RegExp(`<td[^>]*><data value="${cell.percent}"`)
      .exec(sectionOf(html, "months"))!;
    assert.ok(td.includes("--strength:100;"), td);
    assert.ok(td.includes(cell.percent > 0 ? "heat rise" : "heat fall"), td);
  },
);

forEachDatabase(
  "The window is chosen by a link that keeps the rest of the address, and a wrong one is refused",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql, AAPL);
    await storeCloses(sql, id, { "2026-11-18": "100", "2026-11-19": "110" });
    const site = await openSite({ sql });
    const picker = async (query: string) => {
      const html = await (await site(`/instruments/AAPL${query}`)).text();
      const [nav] = /<nav aria-label="Window.*?<\/nav>/s.exec(html)!;
      return [...nav.matchAll(/<a href="([^"]*)"([^>]*)>/g)]
        .map(([, href, rest]) => [href!.replaceAll("&amp;", "&"), rest!.includes("aria-current")]);
    };
    assert.deepEqual(await picker(""), [
      ["?stats=30d#statistics", false],
      ["?stats=90d#statistics", false],
      ["?stats=1y#statistics", true],
      ["?stats=3y#statistics", false],
      ["?stats=all#statistics", false],
    ]);
    const kept = await picker("?interval=1day&stats=3y&sma=20");
    assert.deepEqual(kept[0], ["?interval=1day&stats=30d&sma=20#statistics", false]);
    assert.deepEqual(kept[3], ["?interval=1day&stats=3y&sma=20#statistics", true]);
    for (const bad of ["2y", "", "1Y"]) {
      const response = await site(`/instruments/AAPL?stats=${bad}`);
      assert.equal(response.status, 400, bad);
      assert.ok(
        textOf(await response.text()).includes(
          `stats must be one of 30d, 90d, 1y, 3y, all: current value is "${bad}"`,
        ),
      );
    }
  },
);

forEachDatabase("A low of less than 52 weeks says since when it is", async ({ sql }) => {
  const { id } = await storeInstrument(sql, AAPL);
  const site = await openSite({ sql });
  const ranges = async () => {
    const html = await (await site("/instruments/AAPL")).text();
    return [...figuresOf(sectionOf(html, "figures")).keys()]
      .filter((name) => name.startsWith("Low, ")).map((name) => name.slice(5));
  };
  await storeCloses(sql, id, { "2025-11-21": "90", "2026-11-18": "100", "2026-11-19": "110" });
  assert.deepEqual(await ranges(), ["24 h", "since 2025-11-21", "all stored"]);
  await storeCloses(sql, id, { "2025-11-20": "80" });
  assert.deepEqual(await ranges(), ["24 h", "52 weeks", "all stored"]);
});

const PASSED = {
  performance: "daily",
  distribution: "daily",
  drawdown: "daily",
  weekdays: "daily",
  hours: "hourly",
};

forEachDatabase("A window that has passed says what the last candle is of", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCloses(sql, id, { "2026-08-01": "100", "2026-08-02": "110" });
  await storeCandles(sql, id, "1h", [
    candle("2026-08-02T05:00:00Z", "7"),
    candle("2026-08-02T06:00:00Z", "8"),
  ]);
  const site = await openSite({ sql });
  const html = await (await site("/instruments/BTC-USD?stats=30d")).text();
  for (const [section, interval] of Object.entries(PASSED)) {
    assert.match(
      textOf(sectionOf(html, section)),
      new RegExp(
        `No ${interval} candle in this window: the last is of 2026-08-02. Choose a longer one.`,
      ),
      section,
    );
  }
  assert.match(
    textOf(sectionOf(html, "returns")),
    /Only the newest are shown here, and the last daily candle is of 2026-08-02\./,
  );
  const longer = await (await site("/instruments/BTC-USD?stats=1y")).text();
  assert.doesNotMatch(sectionOf(longer, "performance"), /Choose a longer/);
});

const WAITING = {
  returns: /Daily returns appear with the second daily candle/,
  performance: /performance appears with the second daily candle/,
  distribution: /the distribution appears with the second daily candle/,
  drawdown: /drawdowns appear with the second/,
  weekdays: /weekdays appear with the second daily candle/,
  hours: /hours appear with the first/,
  months: /Monthly returns appear with the second daily candle/,
};

forEachDatabase(
  "With no daily candle and with one each section says when it appears, with two there is one return",
  async ({ sql }) => {
    const site = await openSite({ sql });
    const none = await storeInstrument(sql, { symbol: "NONE/USD" });
    await storeCandles(sql, none.id, "1week", [candle("2026-11-09T00:00:00Z", "7")]);
    const one = await storeInstrument(sql, { symbol: "ONE/USD" });
    await storeCloses(sql, one.id, { "2026-11-18": "7" });
    for (const slug of ["NONE-USD", "ONE-USD"]) {
      const response = await site(`/instruments/${slug}`);
      assert.equal(response.status, 200);
      const html = await response.text();
      for (const [id, words] of Object.entries(WAITING)) {
        assert.match(sectionOf(html, id), words, `${id} of ${slug}`);
        assert.doesNotMatch(sectionOf(html, id), /honox-island/, `${id} of ${slug}`);
      }
    }

    const two = await storeInstrument(sql, { symbol: "TWO/USD" });
    await storeCloses(sql, two.id, { "2026-11-18": "100", "2026-11-19": "110" });
    const html = await (await site("/instruments/TWO-USD")).text();
    const shown = figuresOf(sectionOf(html, "performance"));
    const text = (name: string) => textOf(shown.get(name)!);
    assert.equal(text("Compounded return"), "▲+10.00 %2026-11-18 to 2026-11-19");
    assert.equal(text("Volatility, a year"), "–from two returns on");
    assert.equal(text("Sharpe ratio, a year"), "–risk-free rate 0 %");
    assert.equal(text("Deepest drawdown"), "none");
    assert.equal(text("Longest drawdown"), "none");
    assert.deepEqual(rowsOf(sectionOf(html, "distribution")), [["10.00 to 10.01", "1", "100.0 %"]]);
    assert.deepEqual(rowsOf(sectionOf(html, "weekdays")), [[
      "Thu",
      "▲+10.000 %",
      "100.0 %",
      "1",
    ]]);
    assert.match(sectionOf(html, "hours"), WAITING.hours);
    assert.deepEqual(rowsOf(sectionOf(html, "months"))[0]!.slice(-3), ["+10.0", "", "+10.0"]);
    // A price that is months old has nothing to say of the last month.
    const later = await openSite({ sql, now: () => new Date("2027-03-01T00:00:00Z") });
    const old = await (await later("/instruments/TWO-USD?stats=30d")).text();
    assert.match(
      textOf(sectionOf(old, "performance")),
      /the last is of 2026-11-19. Choose a longer/,
    );
    assert.equal(rowsOf(sectionOf(old, "months")).length, 1, "all months are still there");
  },
);

forEachDatabase("Downloads are offered for each interval, with what is in it", async ({ sql }) => {
  const { id } = await storeInstrument(sql);
  await storeCandles(sql, id, "1h", [
    candle("2026-11-18T05:00:00Z", "7"),
    candle("2026-11-19T06:00:00Z", "8"),
  ]);
  await storeCloses(sql, id, { "2026-11-18": "7" });
  const site = await openSite({ sql });
  const section = sectionOf(await (await site("/instruments/BTC-USD")).text(), "download");
  const rows = new Map(rowsOf(section).map(([interval, ...rest]) => [interval, rest]));
  assert.deepEqual(rows.get("1 hour"), [
    "CSVJSON",
    "2026-11-18 05:00",
    "2026-11-19 06:00",
    "as the provider sent them",
  ]);
  assert.deepEqual(rows.get("1 day"), [
    "CSVJSON",
    "2026-11-18",
    "2026-11-19",
    "partly rolled up from shorter ones",
  ]);
  assert.equal(rows.get("1 week")!.at(-1), "rolled up from shorter ones");
  for (const [, href] of section.matchAll(/href="([^"]*)"/g)) {
    assert.equal((await site(href!.replaceAll("&amp;", "&"))).status, 200, href);
  }
});
