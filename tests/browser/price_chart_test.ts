/** The price chart of an instrument, worked as a person works it, beside what the database says. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { listAdjustedCandles } from "../../db/chart.ts";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  visitor,
} from "../support/browser.ts";
import {
  dragBack,
  expectedLegend,
  goToOldest,
  instantOf,
  type Legend,
  legendThat,
  numeral,
  openChart,
  paneBox,
  readLegend,
} from "../support/price_chart.ts";
import { NOW, serveFilledSite } from "../support/site.ts";

const NEW_YORK = "America/New_York";
const AAPL_HOURS = { symbol: "AAPL", interval: "1h", decimals: 2, hasVolume: true } as const;
const BAR_SPACING_PX = 7;

Deno.test({
  name: "The price chart in a browser",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database: { sql }, close } = await serveFilledSite();
    await storeOlderHours(sql, "BTC/USD", 4000);
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    const step = (
      name: string,
      fn: (page: Page) => Promise<void>,
      options: Parameters<typeof visit>[0] = {},
    ) => t.step(name, () => visit(options, ({ page }) => fn(page)));
    const atBothWidths = async (name: string, fn: (page: Page) => Promise<void>) => {
      for (const width of [360, 1440] as const) await step(`${name}, ${width} px`, fn, { width });
    };
    const agrees = async (
      legend: Legend,
      series = AAPL_HOURS as Parameters<typeof expectedLegend>[1],
    ) => {
      const { time: _, zone: __, ...values } = legend;
      const at = instantOf(legend, series.symbol === "AAPL" ? NEW_YORK : "UTC");
      const lines = Object.keys(legend.lines);
      assert.deepEqual(values, await expectedLegend(sql, series, at, lines), at.toISOString());
    };
    try {
      await atBothWidths(
        "reads the newest candle, and the one under the crosshair",
        async (page) => {
          await openChart(page, "/instruments/AAPL?interval=1h");
          const candles = await hours(sql, "AAPL", 100);
          const newest = await readLegend(page);
          assert.equal(newest.zone, "New York, UTC−5");
          assert.equal(instantOf(newest, NEW_YORK).getTime(), candles.at(-1)!.openedAt.getTime());
          await agrees(newest);
          const { x, y, width, height } = await paneBox(page);
          // Three candles wide is the room at the right.
          const newestX = x + width - 3.5 * BAR_SPACING_PX;
          const backs = [1, 10, 60].filter((back) => (back + 4) * BAR_SPACING_PX < width);
          for (const back of backs) {
            await page.mouse.move(newestX - back * BAR_SPACING_PX, y + height / 2);
            const wanted = candles.at(-1 - back)!.openedAt.getTime();
            const legend = await legendThat(
              page,
              (legend) => instantOf(legend, NEW_YORK).getTime() === wanted,
              `of the candle ${back} before the newest`,
            );
            await agrees(legend);
          }
          await page.mouse.move(x + width / 2, y - 20);
          await legendThat(page, ({ time }) => time === newest.time, "of the newest again");
        },
      );

      await atBothWidths("toggles indicators and finds them again by going back", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h");
        await page.getByText("Indicators").click();
        const names = {
          "SMA 20": "overlays=sma20",
          "Bollinger 20, 2": "overlays=sma20,bollinger",
          "VWAP": "overlays=sma20,bollinger,vwap",
          "RSI 14": "overlays=sma20,bollinger,vwap&panes=rsi",
          "MACD 12, 26, 9": "overlays=sma20,bollinger,vwap&panes=rsi,macd",
          "ATR 14": "overlays=sma20,bollinger,vwap&panes=rsi,macd,atr",
          "Stochastic 14, 3, 3": "overlays=sma20,bollinger,vwap&panes=rsi,macd,atr,stochastic",
        };
        for (const [name, query] of Object.entries(names)) {
          await page.getByRole("button", { name, exact: true }).click();
          assert.equal(new URL(page.url()).search, `?interval=1h&${query}`, name);
        }
        await page.keyboard.press("Escape");
        const lines = await legendThat(
          page,
          ({ lines }) => Object.keys(lines).length === 12 && !Object.values(lines).includes("–"),
          "with every line",
        );
        await agrees(lines);
        const { x, y, width, height } = await paneBox(page);
        await page.mouse.move(x + width / 2, y + height / 2);
        const hovered = await legendThat(page, ({ time }) => time !== lines.time, "elsewhere");
        await agrees(hovered);
        await assertLineColors(page);

        await page.getByRole("link", { name: "1 day" }).click();
        await page.waitForURL("**interval=1day&overlays=**");
        await chartsAreDrawn(page);
        assert.equal("VWAP" in (await readLegend(page)).lines, false, "not for a day");
        await page.goBack();
        await page.waitForURL("**interval=1h&overlays=**stochastic");
        await chartsAreDrawn(page);
        await legendThat(page, ({ lines }) => Object.keys(lines).length === 12, "as it was left");
        await page.goBack();
        await legendThat(page, ({ lines }) => !("%K" in lines), "one step before");
        await page.getByText("Indicators").click();
        const stochastic = page.getByRole("button", { name: "Stochastic 14, 3, 3" });
        assert.equal(await stochastic.getAttribute("aria-pressed"), "false");
        await page.goForward();
        await legendThat(page, ({ lines }) => "%K" in lines, "and forward");
        assert.equal(await stochastic.getAttribute("aria-pressed"), "true");
        await page.reload();
        await chartsAreDrawn(page);
        await agrees(await legendThat(page, ({ lines }) => "%K" in lines, "after a reload"));
      });

      await step("sets a range, and keeps it with another interval", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h");
        const leftmost = async (isRight: (openedAt: Date) => boolean) => {
          const { x, y, height } = await paneBox(page);
          await page.mouse.move(x + 1, y + height / 2);
          await legendThat(page, (legend) => isRight(instantOf(legend, NEW_YORK)), "at the left");
        };
        for (const [label, from] of [["1M", "2026-10-20"], ["5D", "2026-11-15"]] as const) {
          await page.getByRole("button", { name: label, exact: true }).click();
          assert.equal(new URL(page.url()).searchParams.get("range"), label.toLowerCase());
          const start = Date.parse(`${from}T17:30:00Z`);
          await leftmost((openedAt) =>
            openedAt.getTime() > start && openedAt.getTime() < start + 4 * 86_400_000
          );
        }
        await page.getByRole("button", { name: "3M", exact: true }).click();
        await page.getByRole("link", { name: "1 day" }).click();
        await page.waitForURL("**?interval=1day&range=3m");
        await chartsAreDrawn(page);
        const pressed = page.getByRole("button", { name: "3M", exact: true });
        assert.equal(await pressed.getAttribute("aria-pressed"), "true");
        await leftmost((openedAt) => openedAt.toISOString().startsWith("2026-08-2"));
      });

      await step(
        "keeps the range that is on its way while the page scrolls, and a zoom instead of it",
        async (page) => {
          const leftOf = async () => {
            const { x, y, height, width } = await paneBox(page);
            await page.mouse.move(x + width / 2, y + height / 2);
            await page.mouse.move(x + 1, y + height / 2);
            return instantOf(await readLegend(page), "UTC");
          };
          const hasThreeMonths = (openedAt: Date) =>
            openedAt > new Date("2026-08-18T00:00Z") && openedAt < new Date("2026-08-24T00:00Z");
          for (const isZoom of [false, true]) {
            const gate = Promise.withResolvers<void>();
            await page.route("**/api/v1/chart?*", async (route) => {
              await gate.promise;
              await route.continue();
            });
            await openChart(page, "/instruments/BTC-USD?interval=1h&range=3m");
            const loading = page.getByText("Loading candles…");
            await loading.waitFor();
            const { x, y, height, width } = await paneBox(page);
            await page.mouse.move(x + width / 2, y + height / 2);
            if (isZoom) {
              const before = await drawn(page);
              await page.keyboard.down("Control");
              await page.mouse.wheel(0, -900);
              await changed(page, before);
              await page.keyboard.up("Control");
            } else {
              await page.mouse.wheel(0, 40);
              await page.waitForFunction(() => scrollY > 0);
            }
            gate.resolve();
            await loading.waitFor({ state: "detached" });
            const left = await leftOf();
            assert.equal(hasThreeMonths(left), !isZoom, `${left.toISOString()} is at the left`);
            await page.unroute("**/api/v1/chart?*");
          }
        },
      );

      await step("moves the crosshair by keyboard, and hears where it is", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h");
        const candles = await hours(sql, "AAPL", 750);
        const chart = page.getByRole("application");
        await chart.focus();
        const reads = async (index: number) => {
          const wanted = candles.at(index)!.openedAt.getTime();
          const legend = await legendThat(
            page,
            (legend) => instantOf(legend, NEW_YORK).getTime() === wanted,
            `of candle ${index}`,
          );
          await agrees(legend);
          return legend;
        };
        for (let key = 0; key < 3; key++) await page.keyboard.press("ArrowLeft");
        await reads(-4);
        await page.keyboard.press("ArrowRight");
        const { time, close } = await reads(-3);
        const spoken = page.locator("main").getByRole("status")
          .filter({ hasText: `${time} New York` });
        await spoken.waitFor();
        assert.match(await spoken.innerText(), new RegExp(`Close ${close}`));
        await page.keyboard.press("PageUp");
        await reads(-23);
        await page.keyboard.press("Home");
        await reads(0);
        await page.keyboard.press("ArrowLeft");
        await page.keyboard.press("End");
        await reads(-1);
        const picture = await drawn(page);
        await page.keyboard.press("+");
        await changed(page, picture);
        await page.keyboard.press("ArrowLeft");
        await reads(-2);
        await page.keyboard.press("Escape");
        await reads(-1);
      });

      await step(
        "scrolls back until older candles load, and the view stands still",
        async (page) => {
          let release = () => {};
          const gate = new Promise<void>((resolve) => release = resolve);
          await page.route("**/api/v1/chart?*", async (route) => {
            await gate;
            await route.continue();
          });
          // A month is all of the first page, so that the next is asked for at once.
          await openChart(page, "/instruments/BTC-USD?interval=1h&range=1m&overlays=ema20");
          const first = (await hours(sql, "BTC/USD", 750))[0]!.openedAt;
          const newest = (await hours(sql, "BTC/USD", 1))[0]!.openedAt;
          const loading = page.getByText("Loading candles…");
          await loading.waitFor();
          const { x, y, width, height } = await paneBox(page);
          await page.mouse.move(x + width / 2, y + height / 2);
          const isInside = (legend: Legend) => instantOf(legend, "UTC") < newest;
          const before = await legendThat(page, isInside, "in the middle");
          release();
          await loading.waitFor({ state: "detached" });
          assert.deepEqual(await readLegend(page), before, "the same candle is in the same place");
          await dragBack(page, 800);
          await page.mouse.move(x + 10, y + height / 2);
          const legend = await legendThat(
            page,
            (legend) => instantOf(legend, "UTC") < first && /\d/.test(legend.lines["EMA 20"]!),
            "older than the first page",
          );
          const series = {
            symbol: "BTC/USD",
            interval: "1h",
            decimals: 2,
            hasVolume: false,
          } as const;
          await agrees(legend, series);
          const last = await goToOldest(page, await oldestHour(sql, "BTC/USD"));
          assert.deepEqual(
            [last.lines, last.change],
            [{ "EMA 20": "–" }, "–"],
            "nothing is before it",
          );
          await dragBack(page, 600);
          await page.getByText("Nothing older is stored").waitFor();
        },
      );

      await step("says when candles do not arrive, and tries again when asked", async (page) => {
        await openChart(page, "/instruments/BTC-USD?interval=1h");
        await page.route("**/api/v1/chart?*", (route) => route.fulfill({ body: "no candles" }));
        await page.getByText("Indicators").click();
        await page.getByRole("button", { name: "EMA 12", exact: true }).click();
        await page.getByRole("alert").filter({ hasText: "Candles did not arrive" }).waitFor();
        await page.unroute("**/api/v1/chart?*");
        await page.getByRole("button", { name: "Retry" }).click();
        await legendThat(page, ({ lines }) => /\d/.test(lines["EMA 12"] ?? ""), "with EMA 12");
        assert.equal(await page.getByRole("alert").count(), 0);
        const chart = page.getByRole("application");
        assert.ok(await chart.evaluate((chart) => chart === document.activeElement));
      });

      await step(
        "shows what the address says after going back before it is drawn",
        async (page) => {
          await openChart(page, "/instruments/AAPL?interval=1h");
          const compare = page.getByLabel("Compare with");
          for (const slug of ["ETH-USD", "BTC-USD"]) await compare.selectOption(slug);
          await page.goto("/pipeline");
          const gate = Promise.withResolvers<void>();
          await page.route(/\/PriceChart[^/]*\.js/, async (route) => {
            await gate.promise;
            await route.continue();
          });
          const asked = page.waitForRequest(/\/PriceChart[^/]*\.js/);
          await page.goBack({ waitUntil: "commit" });
          await asked;
          assert.match(page.url(), /compare=BTC-USD$/);
          await page.evaluate(() => history.back());
          await page.waitForURL("**?interval=1h&compare=ETH-USD");
          gate.resolve();
          const { time, lines } = await legendThat(
            page,
            ({ lines }) => /\d/.test(lines["ETH/USD"] ?? ""),
            "with ETH/USD",
          );
          const closes = await closesBeside(sql, "AAPL", "ETH/USD");
          const last = closes.get(
            instantOf({ ...await readLegend(page), time }, NEW_YORK).getTime(),
          );
          assert.deepEqual(lines, { "ETH/USD": numeral(last!, 2) });
          assert.equal(await compare.inputValue(), "ETH-USD");
        },
      );

      await atBothWidths("compares with another instrument in per cent", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h");
        await page.getByLabel("Compare with").selectOption("BTC-USD");
        assert.equal(new URL(page.url()).search, "?interval=1h&compare=BTC-USD");
        const closes = await closesBeside(sql, "AAPL", "BTC/USD");
        const reads = async (what: string) => {
          const legend = await legendThat(
            page,
            ({ lines }) => /\d/.test(lines["BTC/USD"] ?? ""),
            what,
          );
          const close = closes.get(instantOf(legend, NEW_YORK).getTime());
          assert.equal(legend.lines["BTC/USD"], numeral(close!, 2), legend.time);
        };
        await reads("with BTC/USD");
        const percent = page.getByRole("button", { name: "%", exact: true });
        assert.equal(await percent.getAttribute("aria-pressed"), "true");
        assert.equal(await page.getByRole("button", { name: "Log" }).isDisabled(), true);
        const { x, y, width, height } = await paneBox(page);
        await page.mouse.move(x + width / 3, y + height / 2);
        await reads("a third from the left");
        await page.reload();
        await chartsAreDrawn(page);
        await reads("after a reload");
        await page.getByLabel("Compare with").selectOption("");
        await legendThat(page, ({ lines }) => Object.keys(lines).length === 0, "alone");
        assert.equal(await percent.getAttribute("aria-pressed"), "false");
      });

      await step("tells the time of New York, of UTC and of the browser", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h");
        await page.getByRole("application").focus();
        await page.keyboard.press("ArrowLeft");
        const told = async (zone: string) => {
          const { time } = await legendThat(page, (legend) => legend.zone === zone, `in ${zone}`);
          return time;
        };
        assert.equal(await told("New York, UTC−5"), "2026-11-20 11:30");
        const inNewYork = await drawn(page);
        await page.getByLabel("Time of").selectOption("utc");
        assert.match(page.url(), /zone=utc/);
        assert.equal(await told("UTC"), "2026-11-20 16:30");
        await changed(page, inNewYork);
        await page.getByText("candles as a table").click();
        const row = page.locator("details[open] tbody th time").first();
        assert.equal(await row.innerText(), "2026-11-20 12:30", "the server's first view");
        await page.reload();
        await chartsAreDrawn(page);
        await page.getByText("candles as a table").click();
        assert.equal(await row.innerText(), "2026-11-20 17:30");
        await page.getByRole("columnheader", { name: "Opened, UTC" }).waitFor();
        await page.getByRole("application").focus();
        await page.keyboard.press("ArrowLeft");
        await page.getByLabel("Time of").selectOption("local");
        const legend = await legendThat(page, ({ zone }) => /UTC\+5:30$/.test(zone), "in India");
        // The tz database renamed it, and Chromium has the older name.
        assert.match(legend.zone, /^(Kolkata|Calcutta), /);
        assert.equal(legend.time, "2026-11-20 22:00");
      }, { timezoneId: "Asia/Kolkata" });

      await step("changes the scale, and saves a picture", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1day");
        for (const [name, scale] of [["Log", "log"], ["%", "percent"]] as const) {
          const before = await drawn(page);
          await page.getByRole("button", { name, exact: true }).click();
          assert.equal(new URL(page.url()).searchParams.get("scale"), scale);
          await changed(page, before);
        }
        await page.getByRole("button", { name: "Lin", exact: true }).click();
        assert.equal(new URL(page.url()).search, "?interval=1day");
        const names = "overlays=sma20,sma50,sma200,ema12,ema20,ema26,bollinger";
        await openChart(page, `/instruments/AAPL?interval=1day&${names}&panes=rsi,macd,stochastic`);
        await page.evaluate(() => {
          const { prototype } = CanvasRenderingContext2D;
          const { fillText } = prototype;
          const texts: { text: string; x: number; end: number; y: number; width: number }[] = [];
          prototype.fillText = function (text, x, y, ...more) {
            const end = x + this.measureText(text).width;
            texts.push({ text, x, end, y, width: this.canvas.width / devicePixelRatio });
            fillText.call(this, text, x, y, ...more);
          };
          Object.assign(globalThis, { texts });
        });
        const download = page.waitForEvent("download");
        await page.getByRole("button", { name: "PNG" }).click();
        const file = await download;
        assert.equal(file.suggestedFilename(), "AAPL-1day-2026-11-20.png");
        const bytes = await Deno.readFile(await file.path());
        assert.deepEqual([...bytes.slice(1, 4)], [..."PNG"].map((char) => char.charCodeAt(0)));
        const width = new DataView(bytes.buffer).getUint32(16);
        assert.ok(width > 1000 && bytes.length > 10_000, `${width} px, ${bytes.length} bytes`);
        const texts = await page.evaluate(() =>
          (globalThis as unknown as {
            texts: { text: string; x: number; end: number; y: number; width: number }[];
          }).texts
        );
        const lines = Object.keys((await readLegend(page)).lines);
        const begin = texts.findIndex(({ text }) => text.startsWith("AAPL ·"));
        const head = texts.slice(begin, begin + 1 + lines.length);
        assert.deepEqual(head.map(({ text }) => text), ["AAPL · 1day · Simulated data", ...lines]);
        assert.deepEqual(
          head.filter(({ end, width }) => end > width),
          [],
          "all within the picture",
        );
      });

      await step("is drawn anew when the theme is changed, and light on paper", async (page) => {
        await openChart(page, "/instruments/AAPL?interval=1h&panes=rsi");
        const isDark = (dark: boolean) =>
          page.waitForFunction((dark) => {
            const canvas = document.querySelector<HTMLCanvasElement>(".price-chart canvas")!;
            const [red = 128] = canvas.getContext("2d")!.getImageData(2, 2, 1, 1).data;
            return dark ? red < 60 : red > 200;
          }, dark);
        await isDark(false);
        await page.getByRole("button", { name: "Dark theme" }).click();
        await isDark(true);
        const onPaper = await page.evaluate(() => {
          dispatchEvent(new Event("beforeprint"));
          const canvas = document.querySelector<HTMLCanvasElement>(".price-chart canvas")!;
          return {
            red: canvas.getContext("2d")!.getImageData(2, 2, 1, 1).data[0],
            width: document.querySelector(".price-chart > div")!.getBoundingClientRect().width,
          };
        });
        assert.deepEqual(onPaper, { red: 255, width: 640 });
        await page.evaluate(() => dispatchEvent(new Event("afterprint")));
        await isDark(true);
        assert.ok((await paneBox(page)).width > 900, "as wide as before");
      });

      for (const width of [360, 1440] as const) {
        await step(
          `keeps nobody out with everything open, at ${width} px`,
          async (page) => {
            const everything = "overlays=sma20,sma50,bollinger,vwap&panes=rsi,macd&compare=BTC-USD";
            await openChart(page, `/instruments/AAPL?interval=1h&range=5d&${everything}`);
            await page.getByText("Indicators").click();
            await assertFits(page, "the open menu");
            const menu = await page.locator(".chart-menu-body").boundingBox();
            assert.ok(menu!.x >= 0 && menu!.x + menu!.width <= width, JSON.stringify(menu));
            await page.getByRole("button", { name: "SMA 50", exact: true }).click();
            await legendThat(page, ({ lines }) => !("SMA 50" in lines), "without SMA 50");
            await assertOpenToAll(page, "the open menu");
            await page.getByRole("heading", { name: "Candles" }).click();
            assert.equal(await page.locator(".chart-menu-body").isVisible(), false);
            await page.getByText("Indicators").click();
            await page.getByRole("button", { name: "Stochastic 14, 3, 3" }).focus();
            assert.equal(await page.locator(".chart-menu-body").isVisible(), true);
            await page.keyboard.press("Tab");
            assert.equal(await page.locator(".chart-menu-body").isVisible(), false, "tabbed out");
          },
          { width },
        );
      }

      await step(
        "offers only what goes without a script",
        async (page) => {
          await page.goto("/instruments/AAPL?interval=1h&overlays=sma20");
          assert.equal(await page.locator(".chart-tools button").first().isVisible(), false);
          assert.equal(await page.locator(".price-chart").isVisible(), false);
          await page.getByRole("link", { name: "1 day" }).click();
          assert.equal(new URL(page.url()).search, "?interval=1day&overlays=sma20");
        },
        { javaScriptEnabled: false },
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});

async function hours(sql: Sql, symbol: string, limit: number) {
  const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
  return await listAdjustedCandles(sql, instrument!.id, "1h", { to: NOW, limit });
}

async function oldestHour(sql: Sql, symbol: string): Promise<Date> {
  const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
  const [row] = await sql`
    select min(opened_at) as oldest from market.candles
    where instrument_id = ${instrument!.id} and candle_interval = '1h'`;
  return row!.oldest;
}

/** So many hours before the oldest that is stored, each at another price. */
async function storeOlderHours(sql: Sql, symbol: string, count: number): Promise<void> {
  const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
  const oldest = await oldestHour(sql, symbol);
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
    )
    select ${instrument!.id}, '1h', ${oldest}::timestamptz - n * interval '1 hour',
      90000 + n, 90100 + n, 89900 + n, 90000 + n + 50 * sin(n), true, 1, ${NOW}
    from generate_series(1, ${count}::integer) n`;
}

async function closesBeside(sql: Sql, symbol: string, other: string) {
  const [one, two] = await Promise.all(
    [symbol, other].map((each) => getInstrumentBySymbol(sql, "simulator", each)),
  );
  const rows = await sql<{ openedAt: Date; close: number }[]>`
    select * from market.closes_beside(${one!.id}, ${two!.id}, '1h', null, null)`;
  return new Map(rows.map(({ openedAt, close }) => [openedAt.getTime(), close]));
}

/** Everything that the chart has drawn. */
async function drawn(page: Page): Promise<string> {
  return await page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>(".price-chart canvas")]
      .map((canvas) => canvas.width * canvas.height === 0 ? "" : canvas.toDataURL()).join()
  );
}

async function changed(page: Page, before: string): Promise<void> {
  await page.waitForFunction(
    (before) =>
      [...document.querySelectorAll<HTMLCanvasElement>(".price-chart canvas")]
        .map((canvas) => canvas.width * canvas.height === 0 ? "" : canvas.toDataURL()).join() !==
        before,
    before,
  );
}

/** The lines of the legend have the colours of those that are drawn: each colour is on the canvas. */
async function assertLineColors(page: Page): Promise<void> {
  const missing = await page.evaluate(() => {
    const pixels = [...document.querySelectorAll<HTMLCanvasElement>(".price-chart canvas")]
      .filter(({ width, height }) => width * height > 0)
      .map((canvas) =>
        canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data
      );
    const isDrawn = ([red, green, blue]: number[]) =>
      pixels.some((data) => {
        for (let at = 0; at < data.length; at += 4) {
          if (
            Math.abs(data[at]! - red!) + Math.abs(data[at + 1]! - green!) +
                Math.abs(data[at + 2]! - blue!) < 12
          ) return true;
        }
        return false;
      });
    return [...document.querySelectorAll(".line-readings li")].filter((line) => {
      const color = getComputedStyle(line, "::before").backgroundColor;
      return !isDrawn(color.match(/\d+/g)!.map(Number));
    }).map((line) => line.textContent);
  });
  assert.deepEqual(missing, []);
}
