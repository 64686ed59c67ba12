/**
 * Photographs every page in both themes at 360 and 1440 px into the folder `screenshots` beside this file:
 * `deno task screenshots [ADDRESS]`, of a running site or, without an address, of one filled for it.
 */
import { chartsAreDrawn, launchBrowser, newPage, type Theme } from "../tests/support/browser.ts";
import { SCHEDULE, storePast } from "../tests/support/pipeline.ts";
import { fillDatabase, serveSite } from "../tests/support/site.ts";

const PAGES = {
  market: "/",
  stocks: "/stocks",
  crypto: "/crypto",
  forex: "/forex",
  stock: "/instruments/AAPL?interval=1day&range=6m&overlays=sma50,bollinger&panes=rsi,macd",
  coin: "/instruments/BTC-USD",
  compare: "/compare?symbols=AAPL,GOOGL,BTC-USD,EUR-USD",
  pipeline: "/pipeline",
  rejects: "/pipeline/rejects",
  search: "/search?q=usd",
};

const folder = `${import.meta.dirname}/screenshots`;
const [address] = Deno.args;
const site = address === undefined ? await serveSiteWithPast() : undefined;
const baseUrl = address ?? site!.baseUrl;
await Deno.mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const width of [360, 1440] as const) {
    for (const theme of ["light", "dark"] satisfies Theme[]) {
      const { page, context } = await newPage(browser, { baseUrl, theme, width });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(path);
        await chartsAreDrawn(page);
        const file = `${folder}/${name}-${theme}-${width}.png`;
        await page.screenshot({ path: file, fullPage: true });
        console.log(file.slice(file.lastIndexOf("/") + 1));
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await site?.close();
}
Deno.exit();

/** A first start, and a day of the pipeline on a free plan: runs of every outcome, gaps, rejects. */
function serveSiteWithPast() {
  return serveSite(async (database) => {
    await fillDatabase(database);
    await storePast(database.sql);
  }, { schedule: SCHEDULE, creditPlan: { perMinute: 8, perDay: 800 } });
}
