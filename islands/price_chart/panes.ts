/** Indicators as a chart draws them: over the candles, and in panes below. */
import {
  createTextWatermark,
  type IChartApiBase,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { remPx } from "../theme.ts";
import { type Colors, LABEL_REM } from "./colors.ts";
import type { Columns } from "./columns.ts";
import { decimalsOf, type Indicator } from "./lines.ts";
import { type DrawnLine, LinesPrimitive } from "./lines_primitive.ts";

/** How tall a pane is beside the candles' own, which counts 100. */
const PANE_SHARE = 30;

export interface DrawnPane {
  /** Draws from these columns, in these colours. */
  draw(columns: Columns, colors: Colors): void;
  remove(): void;
}

/** The lines of indicators as they are drawn; one whose column is still on its way has no value yet. */
export function drawnLines(
  indicators: readonly Indicator[],
  { extras }: Columns,
  colors: Colors,
): DrawnLine[] {
  return indicators.flatMap(({ lines }) =>
    lines.toSorted((a, b) => Number(b.isHistogram ?? 0) - Number(a.isHistogram ?? 0))
      .map(({ column, color, isHistogram, isDashed }) => ({
        values: extras.get(column)?.values ?? [],
        color: colors[color],
        isDashed,
        ...isHistogram ? { fallingColor: colors["--down-mark"] } : {},
      }))
  );
}

/** Adds a pane with an indicator as the last one of the chart. */
export function addPane(
  chart: IChartApiBase<Time>,
  indicator: Indicator,
  priceDecimals: number,
): DrawnPane {
  const { name, lines, levels = [], extraDecimals } = indicator;
  const precision = decimalsOf(extraDecimals, priceDecimals);
  // A scale belongs to a series: this one holds it, and the lines are drawn beside it.
  const holder = chart.addSeries(LineSeries, {
    lineVisible: false,
    pointMarkersVisible: false,
    crosshairMarkerVisible: false,
    lastValueVisible: false,
    priceLineVisible: false,
    priceFormat: { type: "price", precision, minMove: 10 ** -precision },
  }, chart.panes().length);
  const drawing = new LinesPrimitive();
  holder.attachPrimitive(drawing);
  const pane = holder.getPane();
  pane.setStretchFactor(PANE_SHARE);
  const levelLines = levels.map((price) =>
    holder.createPriceLine({
      price,
      lineWidth: 1,
      lineStyle: LineStyle.Dashed,
      axisLabelVisible: true,
      title: "",
      color: "transparent",
    })
  );
  const title = createTextWatermark(pane, { horzAlign: "left", vertAlign: "top", lines: [] });
  return {
    draw(columns, colors) {
      const values = columns.extras.get(lines[0]!.column)?.values ?? [];
      holder.setData(holdingData(columns.times, values));
      drawing.setLines(drawnLines([indicator], columns, colors));
      for (const line of levelLines) {
        line.applyOptions({
          color: colors["--muted"],
          axisLabelColor: colors["--surface"],
          axisLabelTextColor: colors["--muted"],
        });
      }
      const fontSize = LABEL_REM * remPx();
      title.applyOptions({
        lines: [{
          text: ` ${name}`,
          color: colors["--muted"],
          fontSize,
          lineHeight: 1.8 * fontSize,
        }],
      });
    },
    remove() {
      title.detach();
      chart.removeSeries(holder);
    },
  };
}

/** Only times of the candles: the time axis stays as it is. */
function holdingData(times: readonly number[], values: readonly (number | null)[]) {
  const data: { time: UTCTimestamp; value: number }[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value !== null) data.push({ time: times[at] as UTCTimestamp, value });
  }
  return data;
}

/** The line of another instrument's closes. */
export function drawCompared(
  series: ISeriesApi<"Line", Time>,
  { times, extras }: Columns,
  column: string,
): void {
  series.setData(holdingData(times, extras.get(column)?.values ?? []));
}
