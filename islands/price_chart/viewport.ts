/** Which candles of a chart are in sight. Places are indices of candles. */
import type { IChartApiBase, Time } from "lightweight-charts";

const WHEEL_STEP = 1.0015;

export interface Viewport {
  /** From the candle to the newest of `count`. */
  showFrom(index: number, count: number): void;
  showAll(): void;
  /** As many of the newest as have room at this width in pixels each. */
  showNewest(barSpacing: number): void;
  /** Moves as little as brings the candle into sight. */
  bringIntoSight(index: number, count: number): void;
  /** Wider candles above 1; what is at `x` (pixels from the left), or else the right edge, stays. */
  zoom(factor: number, x?: number): void;
  /** Has the same in sight after `change`. */
  keep(change: () => void): void;
}

export function viewportOf(chart: IChartApiBase<Time>): Viewport {
  const scale = chart.timeScale();
  return {
    showFrom(index, count) {
      scale.setVisibleLogicalRange({ from: index, to: count - 1 });
    },
    showAll: () => scale.fitContent(),
    showNewest(barSpacing) {
      scale.applyOptions({ barSpacing });
      scale.scrollToPosition(scale.options().rightOffset, false);
    },
    bringIntoSight(index, count) {
      const range = scale.getVisibleLogicalRange();
      if (range === null) return;
      const first = Math.ceil(range.from);
      const last = Math.floor(range.to);
      const moved = index < first ? index - first : index > last ? index - last : 0;
      // Positions count candles from the newest one to the right edge.
      if (moved !== 0) scale.scrollToPosition(range.to + moved - (count - 1), false);
    },
    zoom(factor, x) {
      const before = x === undefined ? null : scale.coordinateToLogical(x);
      const { barSpacing, minBarSpacing } = scale.options();
      scale.applyOptions({ barSpacing: Math.max(minBarSpacing, barSpacing * factor) });
      const after = x === undefined ? null : scale.coordinateToLogical(x);
      if (before === null || after === null) return;
      scale.scrollToPosition(scale.scrollPosition() + before - after, false);
    },
    keep(change) {
      const range = scale.getVisibleLogicalRange();
      change();
      if (range !== null) scale.setVisibleLogicalRange(range);
    },
  };
}

/**
 * The wheel scrolls the page; with Ctrl held, and by two fingers on a touch pad, it zooms. Sideways it moves
 * the candles, which is the library's. `onMove` is called before either.
 */
export function listenToWheel(
  parent: HTMLElement,
  viewport: Viewport,
  onMove: () => void,
): () => void {
  const onWheel = (event: WheelEvent) => {
    if (event.ctrlKey || event.deltaX !== 0) onMove();
    if (!event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    const x = event.clientX - parent.getBoundingClientRect().left;
    viewport.zoom(WHEEL_STEP ** -event.deltaY, x);
  };
  const options = { capture: true, passive: false };
  parent.addEventListener("wheel", onWheel, options);
  return () => parent.removeEventListener("wheel", onWheel, options);
}
