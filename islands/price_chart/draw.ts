/** TradingView's Lightweight Charts as the price island uses it. */

import {
  CandlestickSeries,
  createChartEx,
  HistogramSeries,
  type IChartApiBase,
  type IHorzScaleBehavior,
  type ISeriesApi,
  LineSeries,
  PriceScaleMode,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { ChartView, Scale } from "../chart_view.ts";
import { formatNumber, numberLocale } from "../number_locale.ts";
import { onThemeChange } from "../theme.ts";
import { candleColors, chartColors, colorOptions, type Colors } from "./colors.ts";
import { type Columns, comparedName, firstAfter } from "./columns.ts";
import { createHistory, type LoadState } from "./history.ts";
import { LinesPrimitive } from "./lines_primitive.ts";
import { addPane, drawCompared, drawnLines, type DrawnPane } from "./panes.ts";
import { printLight } from "./print.ts";
import { firstInRange, rangeStart } from "./ranges.ts";
import { requestPage } from "./request.ts";
import { clockOf, type Setup, type Shown, shownIn } from "./setup.ts";
import { zonedScale } from "./time_scale.ts";
import { listenToWheel, type Viewport, viewportOf } from "./viewport.ts";
import { formatWall } from "./wall_clock.ts";

/** Volume is drawn in the lowest part of the pane. */
const VOLUME_TOP = 0.82;
/** Wide enough to tell the body of a candle from its wick. */
const BAR_SPACING_PX = 7;
const MODES: Record<Scale, PriceScaleMode> = {
  linear: PriceScaleMode.Normal,
  log: PriceScaleMode.Logarithmic,
  percent: PriceScaleMode.Percentage,
};

export interface ChartListeners {
  /** The candle under the crosshair, else the newest one, is another or has other values. */
  onCandle: (columns: Columns, index: number) => void;
  onLoad: (state: LoadState) => void;
  /** Whether someone looks at the time before the first candle of all. */
  onStart: (isInSight: boolean) => void;
}

export interface PriceChartHandle {
  /** Shows another view; `range` is set anew only when it is told so. */
  show(view: ChartView, isRangeChosen: boolean): void;
  /** Moves the crosshair by so many candles; infinite: to the oldest or the newest at hand. */
  move(candles: number): void;
  /** Takes the crosshair away. */
  leave(): void;
  zoom(factor: number): void;
  retry(): void;
  picture(): HTMLCanvasElement;
  remove(): void;
}

/** Draws into `parent` in the theme's colours. */
export function drawPriceChart(
  parent: HTMLElement,
  setup: Setup,
  firstView: ChartView,
  { onCandle, onLoad, onStart }: ChartListeners,
): PriceChartHandle {
  let view = firstView;
  let shown: Shown = shownIn(setup, view);
  let clock = clockOf(setup, view).clock;
  let colors = chartColors();
  const chart = createChart(parent, setup, () => clock);
  const candles = chart.addSeries(CandlestickSeries, {
    borderVisible: false,
    priceFormat: { type: "price", precision: setup.decimals, minMove: 10 ** -setup.decimals },
  });
  const volume = setup.hasVolume ? addVolume(chart) : null;
  const overlays = new LinesPrimitive();
  candles.attachPrimitive(overlays);
  let compared: ISeriesApi<"Line", Time> | null = null;
  let panes: DrawnPane[] = [];
  const viewport: Viewport = viewportOf(chart);

  /** The range that is still to be set, as candles of it are on their way. */
  let pendingRange = view.range;
  /** The open time of the candle under the crosshair. */
  let pointed: number | null = null;
  /** The keyboard holds the crosshair: it stays on its candle, whatever moves below it. */
  let isHeld = false;

  const history = createHistory({
    first: setup.first,
    wanted: { indicators: shown.columns, compare: shown.compare },
    series: setup,
    request: requestPage,
    onColumns() {
      drawColumns();
      setRange();
      loadAhead();
      if (isHeld) holdCrosshair();
      tellCandle();
    },
    onState: onLoad,
  });

  function drawColumns(): void {
    const columns = history.columns();
    candles.setData(candleData(columns));
    drawExtras();
  }

  function drawExtras(): void {
    const columns = history.columns();
    volume?.setData(volumeData(columns, colors));
    overlays.setLines(drawnLines(shown.overlays, columns, colors));
    for (const pane of panes) pane.draw(columns, colors);
    if (compared && shown.compare) {
      drawCompared(compared, columns, comparedName(shown.compare.slug));
    }
  }

  function applyColors(): void {
    chart.applyOptions(colorOptions(colors));
    candles.applyOptions(candleColors(colors));
    compared?.applyOptions({ color: colors["--text"] });
    drawExtras();
  }

  /** Makes the series of the view; they are few, and an order of panes is made most simply anew. */
  function buildSeries(): void {
    for (const pane of panes) pane.remove();
    panes = shown.panes.map((pane) => addPane(chart, pane, setup.decimals));
    chart.panes()[0]!.setStretchFactor(100);
    if (compared) chart.removeSeries(compared);
    compared = shown.compare && chart.addSeries(LineSeries, {
      lineWidth: 2,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    // Prices of two instruments have nothing in common but how they change.
    const mode = MODES[shown.compare ? "percent" : view.scale];
    chart.priceScale("right").applyOptions({ mode, autoScale: true });
  }

  function setRange(): void {
    if (pendingRange === null) return;
    const { times, isStart } = history.columns();
    const start = rangeStart(pendingRange, times.at(-1)!);
    viewport.showFrom(firstInRange(times, start), times.length);
    if (isStart || times[0]! <= start) pendingRange = null;
    else history.reachBack(start);
  }

  /** Older candles are asked for before the edge of those at hand comes into sight. */
  function loadAhead(): void {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    if (range.from < range.to - range.from) history.reachBack();
    onStart(history.columns().isStart && range.from < -1);
  }

  function tellCandle(): void {
    const columns = history.columns();
    const index = pointed === null
      ? columns.times.length - 1
      : firstAfter(columns.times, pointed) - 1;
    onCandle(columns, Math.max(0, index));
  }

  function pointAt(index: number): void {
    const { times } = history.columns();
    pointed = times[index]!;
    isHeld = true;
    viewport.bringIntoSight(index, times.length);
    holdCrosshair();
    tellCandle();
  }

  function holdCrosshair(): void {
    const { times, closes } = history.columns();
    const index = firstAfter(times, pointed!) - 1;
    chart.setCrosshairPosition(closes[index]!, pointed as UTCTimestamp, candles);
  }

  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    if (isHeld && sourceEvent === undefined) return;
    isHeld = false;
    const next = time === undefined ? null : time as number;
    if (next === pointed) return;
    pointed = next;
    tellCandle();
  });
  chart.timeScale().subscribeVisibleLogicalRangeChange(loadAhead);
  const forgetRange = () => pendingRange = null;
  parent.addEventListener("pointerdown", forgetRange);
  const endWheel = listenToWheel(parent, viewport, forgetRange);
  const endThemeWatch = onThemeChange(() => {
    colors = chartColors();
    applyColors();
  });
  const endPrint = printLight(chart, parent, (theme) => {
    colors = chartColors(theme);
    applyColors();
  });

  buildSeries();
  candles.setData(candleData(history.columns()));
  applyColors();
  if (view.range !== null) setRange();
  else if (setup.first.times.length * BAR_SPACING_PX < parent.clientWidth) viewport.showAll();
  history.want({ indicators: shown.columns, compare: shown.compare });
  tellCandle();

  return {
    show(next, isRangeChosen) {
      const before = view;
      view = next;
      shown = shownIn(setup, view);
      if (before.zone !== view.zone) {
        clock = clockOf(setup, view).clock;
        // The library weighs the marks of candles that are new to it.
        viewport.keep(() => {
          for (const pane of panes) pane.remove();
          panes = [];
          for (const series of [candles, volume, compared]) series?.setData([]);
          candles.setData(candleData(history.columns()));
        });
      }
      buildSeries();
      applyColors();
      history.want({ indicators: shown.columns, compare: shown.compare });
      if (isRangeChosen) {
        pendingRange = view.range;
        if (pendingRange === null) viewport.showNewest(BAR_SPACING_PX);
        setRange();
      }
      tellCandle();
    },
    move(step) {
      const { times } = history.columns();
      forgetRange();
      const at = pointed === null ? times.length - 1 : firstAfter(times, pointed) - 1;
      pointAt(Math.min(times.length - 1, Math.max(0, at + step)));
    },
    leave() {
      pointed = null;
      isHeld = false;
      chart.clearCrosshairPosition();
      tellCandle();
    },
    zoom(factor) {
      forgetRange();
      viewport.zoom(factor);
    },
    retry: history.retry,
    picture: () => chart.takeScreenshot(),
    remove() {
      history.end();
      endThemeWatch();
      endPrint();
      endWheel();
      parent.removeEventListener("pointerdown", forgetRange);
      chart.remove();
    },
  };
}

function createChart(
  parent: HTMLElement,
  { decimals, hasTime, hasVolume }: Setup,
  clockAtHand: () => (utcSeconds: number) => number,
): IChartApiBase<Time> {
  const isMotionReduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return createChartEx<Time, IHorzScaleBehavior<Time>>(parent, zonedScale(clockAtHand), {
    autoSize: true,
    // The logo brings a style element of its own; the footer of every page names TradingView instead.
    layout: { attributionLogo: false },
    timeScale: {
      timeVisible: hasTime,
      secondsVisible: false,
      barSpacing: BAR_SPACING_PX,
      // A range of some thousand candles fits on a phone.
      minBarSpacing: 0.05,
      rightOffset: 3,
    },
    rightPriceScale: {
      // A number is whole or not there.
      entireTextOnly: true,
      scaleMargins: { top: 0.06, bottom: hasVolume ? 1 - VOLUME_TOP + 0.04 : 0.06 },
    },
    localization: {
      locale: numberLocale(),
      timeFormatter: (time: Time) => formatWall(clockAtHand()(time as number), hasTime),
      priceFormatter: (price: number) => formatNumber(price, decimals),
    },
    // The page scrolls under a finger; the chart pans sideways.
    handleScroll: { vertTouchDrag: false },
    handleScale: { mouseWheel: false },
    kineticScroll: { touch: !isMotionReduced, mouse: false },
  });
}

function addVolume(chart: IChartApiBase<Time>): ISeriesApi<"Histogram", Time> {
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: VOLUME_TOP, bottom: 0 } });
  return volume;
}

function candleData({ times, opens, highs, lows, closes }: Columns) {
  return times.map((time, at) => ({
    time: time as UTCTimestamp,
    open: opens[at]!,
    high: highs[at]!,
    low: lows[at]!,
    close: closes[at]!,
  }));
}

function volumeData({ times, opens, closes, volumes }: Columns, colors: Colors) {
  return times.map((seconds, at) => {
    const time = seconds as UTCTimestamp;
    const value = volumes[at]!;
    if (value === null) return { time };
    const color = colors[closes[at]! < opens[at]! ? "--down-soft" : "--up-soft"];
    return { time, value, color };
  });
}
