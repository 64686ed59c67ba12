/** The keyboard of a price chart. */
import type { PriceChartHandle } from "./draw.ts";

const ZOOM_STEP = 1.25;
/** With Shift or by page. */
const FAR = 20;

/** Does what the key means; false when it means nothing here. */
export function handleKey(event: KeyboardEvent, chart: PriceChartHandle): boolean {
  // Ctrl, Alt and Meta are the browser's.
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const step = event.shiftKey ? FAR : 1;
  switch (event.key) {
    case "ArrowLeft":
      chart.move(-step);
      return true;
    case "ArrowRight":
      chart.move(step);
      return true;
    case "PageUp":
      chart.move(-FAR);
      return true;
    case "PageDown":
      chart.move(FAR);
      return true;
    case "Home":
      chart.move(-Infinity);
      return true;
    case "End":
      chart.move(Infinity);
      return true;
    case "+":
    case "=":
      chart.zoom(ZOOM_STEP);
      return true;
    case "-":
      chart.zoom(1 / ZOOM_STEP);
      return true;
    case "Escape":
      chart.leave();
      return true;
    default:
      return false;
  }
}
