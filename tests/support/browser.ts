/** A browser that installs from npm, and the eyes of the tests on its pages. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import sparticuz, { inflate } from "@sparticuz/chromium";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

export type Theme = "light" | "dark";

/** The phone and the desktop that every page must suit, and the largest screen, in CSS pixels. */
export const VIEWPORTS = {
  360: { width: 360, height: 740 },
  1440: { width: 1440, height: 900 },
  3840: { width: 3840, height: 2160 },
} as const;

/**
 * Of the package's arguments: those of a single process, which is fragile, and those of a graphics card
 * in software, which takes four times as much of the processor as painting without one.
 */
const UNWANTED =
  /^--(single-process|no-zygote|(ignore-|in-process-)gpu|use-(gl|angle)|.*swiftshader)/;

/**
 * Starts Chromium without a window. It works as root and in parallel: the first of several processes
 * unpacks the browser while the others wait, because the package itself would let them run half a file.
 */
export async function launchBrowser(): Promise<Browser> {
  const options = {
    executablePath: await unpackOnce(() => sparticuz.executablePath()),
    args: [...sparticuz.args.filter((arg) => !UNWANTED.test(arg)), "--disable-gpu"],
  };
  try {
    return await chromium.launch(options);
  } catch (error) {
    if (!/error while loading shared libraries/.test(String(error))) throw error;
    // A bare machine lacks NSS and Expat: the package brings them for a cloud's bare machine too.
    const packageFolder = new URL("../", import.meta.resolve("@sparticuz/chromium"));
    const libraries = await unpackOnce(() =>
      inflate(fileURLToPath(new URL("bin/al2023.tar.br", packageFolder)))
    );
    const env = { ...Deno.env.toObject(), LD_LIBRARY_PATH: join(libraries, "lib") };
    return await chromium.launch({ ...options, env });
  }
}

/** Runs what unpacks to the shared temporary folder while no other process does. */
async function unpackOnce(unpack: () => Promise<string>): Promise<string> {
  const lock = await Deno.open(join(tmpdir(), "chandlery-chromium.lock"), {
    create: true,
    write: true,
  });
  try {
    await lock.lock(true);
    return await unpack();
  } finally {
    lock.close();
  }
}

/** What went wrong in a page while it was open. */
export interface PageTrouble {
  consoleErrors: string[];
  failedRequests: string[];
  /** Addresses on another host than the page's. */
  foreignRequests: string[];
}

export interface OpenedPage {
  page: Page;
  context: BrowserContext;
  trouble: PageTrouble;
}

/** A new page of its own context that notes everything that no page of ours may do. */
export async function newPage(
  browser: Browser,
  { baseUrl, theme = "light", width = 1440, javaScriptEnabled = true, timezoneId, refused = false }:
    {
      baseUrl: string;
      theme?: Theme;
      width?: keyof typeof VIEWPORTS;
      javaScriptEnabled?: boolean;
      /** Where the person is; by default where the tests run. */
      timezoneId?: string;
      /** The pages that it opens may be answered with 4xx, which is no trouble then. */
      refused?: boolean;
    },
): Promise<OpenedPage> {
  const context = await browser.newContext({
    baseURL: baseUrl,
    colorScheme: theme,
    viewport: VIEWPORTS[width],
    javaScriptEnabled,
    timezoneId,
  });
  const page = await context.newPage();
  const trouble: PageTrouble = { consoleErrors: [], failedRequests: [], foreignRequests: [] };
  const ownHost = new URL(baseUrl).host;
  page.on("console", (message) => {
    // The tests read the canvas, not the site.
    if (message.text().includes("willReadFrequently")) return;
    if (refused && /status of 4\d\d/.test(message.text())) return;
    if (message.type() === "error" || message.type() === "warning") {
      trouble.consoleErrors.push(message.text());
    }
  });
  page.on("pageerror", (error) => trouble.consoleErrors.push(String(error)));
  page.on("requestfailed", (request) => {
    // What was still on its way as the person went on to the next page.
    if (request.failure()?.errorText === "net::ERR_ABORTED") return;
    trouble.failedRequests.push(request.url());
  });
  page.on("response", (response) => {
    if (refused && response.request().isNavigationRequest()) return;
    if (response.status() >= 400) trouble.failedRequests.push(response.url());
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.host !== ownHost) trouble.foreignRequests.push(url.href);
  });
  return { page, context, trouble };
}

/**
 * Resolves when every chart of the page has drawn something: canvases have candles, bars have heights,
 * lines have a path. A chart comes alive when it is seen, so the page is scrolled to each, and back.
 */
export async function chartsAreDrawn(page: Page): Promise<void> {
  for (const chart of await page.locator(".price-chart, .bars, .lines").all()) {
    if (!await chart.isVisible()) continue;
    await chart.scrollIntoViewIfNeeded();
    const element = await chart.elementHandle();
    await page.waitForFunction((chart) => {
      // Of candles there are two colours and those of their volume; what has none has a background and a grid.
      const hasCandles = (canvas: HTMLCanvasElement) => {
        if (canvas.width === 0 || canvas.height === 0) return false;
        const image = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(image.data.buffer)).size > 3;
      };
      const canvas = chart?.querySelector("canvas");
      return (canvas && hasCandles(canvas)) ||
        [...chart?.querySelectorAll(".bar") ?? []].some((bar) =>
          Number(bar.getAttribute("height")) > 0
        ) ||
        [...chart?.querySelectorAll(".line-graph-path") ?? []].some((path) =>
          path.getAttribute("d")
        );
    }, element);
  }
  await page.evaluate(() => scrollTo(0, 0));
}

type VisitOptions = Omit<Parameters<typeof newPage>[1], "baseUrl">;

/** Opens a page, does `fn`, and fails when the page met an error or reached for another host. */
export function visitor(browser: Browser, baseUrl: string) {
  return async (options: VisitOptions, fn: (opened: OpenedPage) => Promise<void>) => {
    const opened = await newPage(browser, { baseUrl, ...options });
    try {
      await fn(opened).catch((cause) => {
        throw new Error(`The visit failed; seen: ${JSON.stringify(opened.trouble)}`, { cause });
      });
      assert.deepEqual(opened.trouble, {
        consoleErrors: [],
        failedRequests: [],
        foreignRequests: [],
      });
    } finally {
      await opened.context.close();
    }
  };
}

/** No page may be scrolled sideways as a whole. */
export async function assertFits(page: Page, path: string): Promise<void> {
  const overflow = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth
  );
  assert.equal(overflow, 0, `${path} is ${overflow} px too wide`);
}

/** Nothing on the page keeps anyone out, as far as axe can tell. */
export async function assertOpenToAll(page: Page, name: string): Promise<void> {
  // Otherwise axe opens a second tab, and a page behind it draws nothing.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  assert.deepEqual(found, [], name);
}
