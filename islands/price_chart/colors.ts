/** The colours of a price chart: the style sheet's, in the theme at hand. */
import type { ChartOptions, DeepPartial } from "lightweight-charts";
import { readColors, remPx } from "../theme.ts";
import { LINE_COLORS } from "./lines.ts";

const NAMES = [
  ...LINE_COLORS,
  "--up-soft",
  "--down-soft",
  "--grid",
  "--surface",
  "--border",
  "--muted",
  "--tooltip",
] as const;

/** Of the names on the axes and of the panes. */
export const LABEL_REM = 0.6875;

export type Colors = Record<typeof NAMES[number], string>;

export const chartColors = (theme?: "light"): Colors => readColors(NAMES, theme);

/** What the chart itself draws with. */
export function colorOptions(colors: Colors): DeepPartial<ChartOptions> {
  const line = { color: colors["--grid"] };
  const crosshair = { labelBackgroundColor: colors["--tooltip"], color: colors["--muted"] };
  return {
    layout: {
      background: { color: colors["--surface"] },
      textColor: colors["--muted"],
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: LABEL_REM * remPx(),
      panes: { separatorColor: colors["--border"], separatorHoverColor: colors["--grid"] },
    },
    grid: { vertLines: line, horzLines: line },
    rightPriceScale: { borderColor: colors["--border"] },
    timeScale: { borderColor: colors["--border"] },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
  };
}

export function candleColors(colors: Colors) {
  return {
    upColor: colors["--up-mark"],
    downColor: colors["--down-mark"],
    wickUpColor: colors["--up-mark"],
    wickDownColor: colors["--down-mark"],
  };
}
