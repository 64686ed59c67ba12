/** A chart on paper: in light colours, and as wide as the sheet. */
import type { IChartApiBase, Time } from "lightweight-charts";

/** What has room on a sheet in portrait, in CSS pixels. */
const SHEET_PX = 640;

/**
 * Draws anew before the page is printed, at once as nothing is drawn while it is, and as it was after it.
 * Returns what ends that.
 */
export function printLight(
  chart: IChartApiBase<Time>,
  parent: HTMLElement,
  applyColors: (theme?: "light") => void,
): () => void {
  const before = () => {
    const height = parent.clientHeight;
    applyColors("light");
    chart.applyOptions({ autoSize: false });
    chart.resize(Math.min(SHEET_PX, parent.clientWidth), height, true);
  };
  const after = () => {
    chart.applyOptions({ autoSize: true });
    applyColors();
  };
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}
