/** The chart as a picture to keep. */
import { chartColors } from "./colors.ts";
import type { Reading } from "./reading.ts";
import type { Setup } from "./setup.ts";

const MARGIN_PX = 12;
const LINE_PX = 18;
/** Of the title, from the top. */
const BASELINE_PX = 20;

/** Saves the chart as a PNG, under a head that says what it is of and whose: AAPL-1h-2026-11-20.png. */
export function savePicture(chart: HTMLCanvasElement, setup: Setup, reading: Reading): void {
  const picture = withHead(chart, setup, reading);
  picture.toBlob((blob) => {
    if (blob === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = pictureName(setup);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  });
}

/** The symbol as a file may be called, the interval, and the date of the newest candle (UTC). */
export function pictureName({ symbol, interval, first }: Setup): string {
  const newest = new Date(first.times.at(-1)! * 1000).toISOString().slice(0, 10);
  return `${symbol.replaceAll(/[^\w.]/g, "-")}-${interval}-${newest}.png`;
}

function withHead(chart: HTMLCanvasElement, setup: Setup, reading: Reading): HTMLCanvasElement {
  const ratio = devicePixelRatio;
  const colors = chartColors();
  const family = getComputedStyle(document.body).fontFamily;
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  if (context === null) return chart;
  const namesFont = context.font = `12px ${family}`;
  const widths = reading.lines.map(({ name }) => context.measureText(name).width);
  const places = placeNames(widths, chart.width / ratio);
  const head = MARGIN_PX + LINE_PX * (1 + (places.at(-1)?.row ?? 0));
  // A new size forgets how the context was set.
  picture.width = chart.width;
  picture.height = chart.height + head * ratio;
  context.fillStyle = colors["--surface"];
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(chart, 0, head * ratio);
  context.scale(ratio, ratio);
  context.font = `600 14px ${family}`;
  context.fillStyle = colors["--text"];
  const zone = reading.place === null ? "" : `, ${reading.place} time`;
  const title = `${setup.symbol} · ${setup.interval}${zone} · ${setup.source}`;
  context.fillText(title, MARGIN_PX, BASELINE_PX);
  context.font = namesFont;
  for (const [at, { name, color }] of reading.lines.entries()) {
    const { x, row } = places[at]!;
    context.fillStyle = colors[color];
    context.fillText(name, x, BASELINE_PX + row * LINE_PX);
  }
  return picture;
}

/** Where names of these widths stand below the title, which is row 0; a row is full at the picture's width. */
export function placeNames(
  widths: readonly number[],
  pictureWidth: number,
): { x: number; row: number }[] {
  let end = 0;
  let row = 1;
  return widths.map((width) => {
    if (end > 0 && end + MARGIN_PX + width > pictureWidth - MARGIN_PX) {
      end = 0;
      row++;
    }
    const x = end + MARGIN_PX;
    end = x + width;
    return { x, row };
  });
}
