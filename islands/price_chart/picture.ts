/** The chart as a picture to keep. */
import { chartColors } from "./colors.ts";
import type { Reading } from "./reading.ts";
import type { Setup } from "./setup.ts";

const MARGIN_PX = 12;
const LINE_PX = 18;

/** Saves the chart as a PNG, under a head that says what it is of: AAPL-1h-2026-11-20.png. */
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
  const head = 2 * LINE_PX + MARGIN_PX;
  const picture = document.createElement("canvas");
  picture.width = chart.width;
  picture.height = chart.height + head * ratio;
  const context = picture.getContext("2d");
  if (context === null) return chart;
  context.fillStyle = colors["--surface"];
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(chart, 0, head * ratio);
  context.scale(ratio, ratio);
  const font = getComputedStyle(document.body).fontFamily;
  context.font = `600 14px ${font}`;
  context.fillStyle = colors["--text"];
  const zone = reading.place === null ? "" : `, ${reading.place} time`;
  context.fillText(`${setup.symbol} · ${setup.interval}${zone}`, MARGIN_PX, MARGIN_PX + 8);
  context.font = `12px ${font}`;
  let x = MARGIN_PX;
  for (const { name, color } of reading.lines) {
    context.fillStyle = colors[color];
    context.fillText(name, x, MARGIN_PX + 8 + LINE_PX);
    x += context.measureText(name).width + MARGIN_PX;
  }
  return picture;
}
