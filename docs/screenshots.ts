/**
 * Photographs every page in both themes at 360 and 1440 px into the folder `screenshots` beside this file:
 * `deno task screenshots [ADDRESS]`, of a running site or, without an address, of one filled for it.
 */
import {
  chartsAreDrawn,
  launchBrowser,
  newPage,
  type Theme,
  VIEWPORTS,
} from "../tests/support/browser.ts";
import { serveFilledSite } from "../tests/support/site.ts";

const PAGES = {
  market: "/",
  stock: "/instruments/AAPL",
  crypto: "/instruments/BTC-USD?interval=1day",
  pipeline: "/pipeline",
};

const folder = `${import.meta.dirname}/screenshots`;
const [address] = Deno.args;
const site = address === undefined ? await serveFilledSite() : undefined;
const baseUrl = address ?? site!.baseUrl;
await Deno.mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const width of Object.keys(VIEWPORTS).map(Number) as (keyof typeof VIEWPORTS)[]) {
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
