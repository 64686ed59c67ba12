/** TradingView's Lightweight Charts as the price island uses it. */
import type { IChartApi, UTCTimestamp } from "lightweight-charts";
import type { PriceColumns } from "./PriceChart.tsx";
import { onThemeChange, readColors } from "./theme.ts";

/** Volume is drawn in the lowest part of the pane. */
const VOLUME_TOP = 0.82;
/** Wide enough to tell the body of a candle from its wick. */
const BAR_SPACING_PX = 7;
/** The colours that it draws with. */
const COLORS = [
  "--up-mark",
  "--down-mark",
  "--up-soft",
  "--down-soft",
  "--grid",
  "--surface",
  "--border",
  "--muted",
  "--tooltip",
] as const;

/** Draws candlesticks and volume into `parent`, in the theme's colours, and returns what removes them. */
export async function drawCandles(parent: HTMLElement, columns: PriceColumns): Promise<() => void> {
  const { CandlestickSeries, createChart, HistogramSeries } = await import("lightweight-charts");
  const { times, opens, highs, lows, closes, volumes, decimals, hasTime } = columns;
  const chart = createChart(parent, {
    autoSize: true,
    // The logo brings a style element of its own; the footer of every page names TradingView instead.
    layout: { attributionLogo: false },
    timeScale: {
      timeVisible: hasTime,
      secondsVisible: false,
      barSpacing: BAR_SPACING_PX,
      rightOffset: 3,
    },
    rightPriceScale: {
      scaleMargins: { top: 0.06, bottom: volumes ? 1 - VOLUME_TOP + 0.04 : 0.06 },
    },
    localization: {
      locale: "en-US",
      dateFormat: "yyyy-MM-dd",
      priceFormatter: (price: number) =>
        price.toLocaleString("en-US", {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
        }),
    },
    // The page scrolls under a finger; the chart pans sideways.
    handleScroll: { vertTouchDrag: false },
    handleScale: { mouseWheel: false },
  });
  const candles = chart.addSeries(CandlestickSeries, {
    borderVisible: false,
    priceFormat: { type: "price", precision: decimals, minMove: 10 ** -decimals },
  });
  const volume = volumes && chart.addSeries(HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume?.priceScale().applyOptions({ scaleMargins: { top: VOLUME_TOP, bottom: 0 } });

  const applyTheme = () => {
    const colors = readColors(COLORS);
    chart.applyOptions(themeOptions(colors));
    candles.applyOptions({
      upColor: colors["--up-mark"],
      downColor: colors["--down-mark"],
      wickUpColor: colors["--up-mark"],
      wickDownColor: colors["--down-mark"],
    });
    volume?.setData(times.map((seconds, i) => {
      const time = seconds as UTCTimestamp;
      const value = volumes?.[i] ?? null;
      if (value === null) return { time };
      return { time, value, color: colors[closes[i]! < opens[i]! ? "--down-soft" : "--up-soft"] };
    }));
  };
  candles.setData(times.map((time, i) => ({
    time: time as UTCTimestamp,
    open: opens[i]!,
    high: highs[i]!,
    low: lows[i]!,
    close: closes[i]!,
  })));
  // The newest candles first; all of them when they leave room.
  if (times.length * BAR_SPACING_PX < parent.clientWidth) chart.timeScale().fitContent();
  applyTheme();
  const endThemeWatch = onThemeChange(applyTheme);
  return () => {
    endThemeWatch();
    chart.remove();
  };
}

function themeOptions(
  colors: Record<typeof COLORS[number], string>,
): Parameters<IChartApi["applyOptions"]>[0] {
  const line = { color: colors["--grid"] };
  const crosshair = { labelBackgroundColor: colors["--tooltip"], color: colors["--muted"] };
  return {
    layout: {
      background: { color: colors["--surface"] },
      textColor: colors["--muted"],
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 11,
    },
    grid: { vertLines: line, horzLines: line },
    rightPriceScale: { borderColor: colors["--border"] },
    timeScale: { borderColor: colors["--border"] },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
  };
}
