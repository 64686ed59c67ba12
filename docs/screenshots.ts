/**
 * Photographs a running site for the README:
 * `deno run -A docs/screenshots.ts http://127.0.0.1:8000 [FOLDER]` writes every page in both themes at
 * 360 and 1440 px, by default into the folder `screenshots` beside this file.
 */
import {
  chartsAreDrawn,
  launchBrowser,
  newPage,
  type Theme,
  VIEWPORTS,
} from "../tests/support/browser.ts";

const PAGES = {
  market: "/",
  stock: "/instruments/AAPL",
  crypto: "/instruments/BTC-USD?interval=1day",
  pipeline: "/pipeline",
};

const [baseUrl, folder = `${import.meta.dirname}/screenshots`] = Deno.args;
if (baseUrl === undefined) {
  console.error(
    "Cannot take screenshots as the address of a running site must be the first argument",
  );
  Deno.exit(1);
}

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
}
