/** The price chart as a person works it, and what the database says of its candles. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import type { Interval } from "../../market/interval.ts";
import { chartsAreDrawn } from "./browser.ts";

/** What the legend reads, as text. */
export interface Legend {
  time: string;
  zone: string;
  open: string;
  high: string;
  low: string;
  close: string;
  change: string;
  volume: string | null;
  /** By their names. */
  lines: Record<string, string>;
}

export async function openChart(page: Page, path: string): Promise<void> {
  const response = await page.goto(path);
  assert.equal(response?.status(), 200, path);
  await chartsAreDrawn(page);
}

export async function readLegend(page: Page): Promise<Legend> {
  return await page.evaluate(() => {
    const text = (element: Element | null | undefined) => element?.textContent?.trim() ?? "";
    const reading = document.querySelector(".chart-reading")!;
    const valueOf = (title: string) => {
      const name = reading.querySelector(`abbr[title="${title}"]`);
      return name && text(name.nextElementSibling);
    };
    return {
      time: text(reading.querySelector(".reading-time strong")),
      zone: text(reading.querySelector(".reading-time .muted")),
      open: valueOf("Open")!,
      high: valueOf("High")!,
      low: valueOf("Low")!,
      close: valueOf("Close")!,
      change: text(reading.querySelector(".reading-value[title] > span:last-child")),
      volume: valueOf("Volume"),
      lines: Object.fromEntries(
        [...reading.querySelectorAll(".line-readings li")].map((line) => {
          const value = line.querySelector("span");
          return [text(line).slice(0, -text(value).length).trim(), text(value)];
        }),
      ),
    };
  });
}

/** Resolves with the legend once `isRight` holds for it. */
export async function legendThat(
  page: Page,
  isRight: (legend: Legend) => boolean,
  what: string,
): Promise<Legend> {
  let legend = await readLegend(page);
  const endsAt = Date.now() + 15_000;
  while (!isRight(legend)) {
    if (Date.now() > endsAt) assert.fail(`No legend ${what}: ${JSON.stringify(legend)}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    legend = await readLegend(page);
  }
  return legend;
}

/** The indicators that the legend may tell, with the digits that it adds to those of the price. */
const COLUMNS: Record<string, [column: string, decimals: (price: number) => number]> = {
  "SMA 20": ["sma_20", (price) => price],
  "SMA 50": ["sma_50", (price) => price],
  "SMA 200": ["sma_200", (price) => price],
  "EMA 12": ["ema_12", (price) => price],
  "EMA 20": ["ema_20", (price) => price],
  "EMA 26": ["ema_26", (price) => price],
  "Bollinger upper": ["bollinger_upper", (price) => price],
  "middle": ["bollinger_middle", (price) => price],
  "lower": ["bollinger_lower", (price) => price],
  "VWAP": ["vwap", (price) => price],
  "RSI 14": ["rsi_14", () => 2],
  "MACD": ["macd", (price) => price + 1],
  "signal": ["macd_signal", (price) => price + 1],
  "histogram": ["macd_histogram", (price) => price + 1],
  "ATR 14": ["atr_14", (price) => price],
  "%K": ["stochastic_k", () => 2],
  "%D": ["stochastic_d", () => 2],
};

interface Series {
  symbol: string;
  interval: Interval;
  decimals: number;
  hasVolume: boolean;
}

/** What the legend must read of the candle that opened at the instant, as the database has it. */
export async function expectedLegend(
  sql: Sql,
  { symbol, interval, decimals, hasVolume }: Series,
  openedAt: Date,
  lines: string[] = [],
): Promise<Omit<Legend, "time" | "zone">> {
  const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
  const columns = lines.map((name) => COLUMNS[name]![0]);
  const [row, ...others] = await sql`
    select open::float8, high::float8, low::float8, close::float8, volume::float8,
      (
        select b.close::float8 from market.candles_adjusted b
        where b.instrument_id = ${instrument!.id} and b.candle_interval = ${interval}
          and b.opened_at < ${openedAt}
        order by b.opened_at desc limit 1
      ) as before
      ${columns.length === 0 ? sql`` : columns.map((column) => sql`, ${sql(column)}`)}
    from market.indicators(
      ${instrument!.id}, ${interval}, ${openedAt}, ${openedAt}::timestamptz + interval '1 second'
    )`.values();
  assert.ok(row && others.length === 0, `one candle at ${openedAt.toISOString()}`);
  const [open, high, low, close, volume, before, ...values] = row as (number | null)[];
  const percent = before === null || before === undefined ? null : 100 * (close! / before - 1);
  return {
    open: numeral(open!, decimals),
    high: numeral(high!, decimals),
    low: numeral(low!, decimals),
    close: numeral(close!, decimals),
    change: percent === null ? "–" : `${sign(percent)}${Math.abs(percent).toFixed(2)} %`,
    volume: !hasVolume ? null : volume === null || volume === undefined ? "–" : shortened(volume),
    lines: Object.fromEntries(lines.map((name, at) => {
      const value = values[at] ?? null;
      return [name, value === null ? "–" : numeral(value, COLUMNS[name]![1](decimals))];
    })),
  };
}

export function numeral(value: number, decimals: number): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString("en-US", digits).replace("-", "−");
}

function shortened(volume: number): string {
  return volume.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 2 });
}

function sign(percent: number): string {
  return Math.abs(percent) < 0.005 ? "" : percent > 0 ? "+" : "−";
}

/** The instant that the legend tells, read by the zone that it is told in. */
export function instantOf({ time, zone }: Legend, timeZone: string): Date {
  if (zone === "") return new Date(`${time}T00:00:00Z`);
  const local = Temporal.PlainDateTime.from(time.replace(" ", "T"));
  return new Date(local.toZonedDateTime(timeZone).epochMilliseconds);
}

/** Where the candles are drawn, without the scale at the right. */
export async function paneBox(page: Page) {
  const pane = page.locator(".price-chart canvas").first();
  // On a phone it begins below the fold, where no pointer reaches it.
  await pane.scrollIntoViewIfNeeded();
  const box = await pane.boundingBox();
  assert.ok(box);
  return box;
}

/** Drags the chart by nearly so much that older candles come in from the left. */
export async function dragBack(page: Page, pixels: number): Promise<void> {
  const { x, y, height, width } = await paneBox(page);
  const from = x + (width - pixels) / 2;
  await page.mouse.move(from, y + height / 3);
  await page.mouse.down();
  await page.mouse.move(from + pixels, y + height / 3, { steps: 8 });
  await page.mouse.up();
}

/** Goes to the oldest candle at hand again and again, until it is the oldest of all. */
export async function goToOldest(page: Page, oldest: Date): Promise<Legend> {
  await page.getByRole("application").focus();
  const endsAt = Date.now() + 120_000;
  let legend = await readLegend(page);
  while (instantOf(legend, "UTC") > oldest) {
    assert.ok(Date.now() < endsAt, `${oldest.toISOString()} is not reached: ${legend.time}`);
    await page.keyboard.press("Home");
    // What comes into sight is known after a frame; then it is asked for.
    await page.evaluate(() =>
      new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    );
    await page.waitForFunction(() =>
      !document.querySelector(".chart-state")?.textContent?.includes("Loading")
    );
    legend = await readLegend(page);
  }
  return legend;
}
