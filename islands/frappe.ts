/** Frappe Charts as the islands use it: bars and lines, themed by our style sheet. */
import * as z from "zod/mini";
import { formatNumber, formatSigned, MISSING, numberFormat } from "./number_locale.ts";
import { roundTicks } from "./round_ticks.ts";
import { remPx } from "./theme.ts";

/** What is used of a Frappe chart; the package brings no types. */
interface AxisChart {
  container: HTMLElement;
  /** By the index of the label. */
  dataByIndex: Record<number, Told>;
  makeDataByIndex(): void;
  render(...args: unknown[]): void;
  destroy(): void;
}

interface ChartData {
  labels: string[];
  datasets: { name: string; values: number[]; chartType: "bar" | "line" }[];
}

/** What the tooltip says of a place on the axis, a value a dataset. */
interface Told {
  values: { formatted: string }[];
}

/** What Frappe's axis charts do inside, as far as it is replaced here. */
interface Internals {
  height: number;
  state: { yAxis?: unknown };
  config: { showLegend: number };
  measures: { paddings: Record<string, number>; margins: Record<string, number> };
  prepareFirstData(data: ChartData): ChartData;
  setMeasures(this: Internals): void;
  renderLegend(): void;
  calcYAxisParameters(this: Internals, values: number[], isLine: boolean): void;
  calcDatasetPoints(): void;
  calcYExtremes(): void;
  calcYRegions(): void;
}

type AxisChartClass = new (parent: HTMLElement, options: Record<string, unknown>) => AxisChart;

/** Frappe draws an element a point: the query puts more into buckets. */
const MOST_POINTS = 500;
/** As the style sheet reserves it. */
const HEIGHT_REM = 16.25;
/** Between two names on the axis. */
const GAP_PX = 6;
/** Room below for the names on the axis, at 16 px a rem. */
const BOTTOM_PX = 30;

/** How the numbers of a chart are told. */
const Format = z.object({
  /** Behind the number: `%`, `s`. */
  unit: z.string(),
  decimals: z.number(),
  /** Whether a number above 0 has its sign. */
  isSigned: z.boolean(),
});

/** What every Frappe chart is given. */
const Axis = {
  /** What the chart is of, for those who do not see it. */
  label: z.string(),
  /** One a point, in the order of the axis. */
  labels: z.array(z.string()).check(z.maxLength(MOST_POINTS)),
  format: Format,
};

/** The props of a bar chart. */
export const BarProps = z.object({
  ...Axis,
  /** Bars of several series stand on each other and are told apart by colour, those of one by their sign. */
  series: z.array(z.object({ name: z.string(), values: z.array(z.number()) })),
  /** Labels are a series such as dates, of which some may be left out when they are dense. */
  isSeries: z.boolean(),
});

/** The props of a line chart: labels are a series, `null` is where a line has no value. */
export const LineProps = z.object({
  ...Axis,
  series: z.array(z.object({ name: z.string(), values: z.array(z.nullable(z.number())) })),
});

export type BarProps = z.infer<typeof BarProps>;
export type LineProps = z.infer<typeof LineProps>;

/** Draws bars into `parent` and returns what removes them again. */
export async function drawBars(parent: HTMLElement, bars: BarProps): Promise<() => void> {
  const Base = await importAxisChart();
  const isOne = bars.series.length === 1;

  class Bars extends Base {
    /**
     * Frappe has one colour a dataset, the style sheet has one for each sign; and it cuts names to a
     * letter or two where bars are narrow, while the style sheet lets them lean.
     */
    override render(...args: unknown[]): void {
      super.render(...args);
      shortenAxis(this.container);
      if (bars.isSeries) thinOut(this.container);
      else {
        for (const [index, text] of this.container.querySelectorAll(".x text").entries()) {
          text.textContent = bars.labels[index] ?? "";
        }
      }
      if (!isOne || !bars.format.isSigned) return;
      for (const bar of this.container.querySelectorAll(".bar")) {
        const value = bars.series[0]?.values[Number(bar.getAttribute("data-point-index"))] ?? 0;
        bar.classList.add(value < 0 ? "down" : "up");
      }
    }
  }

  const chart = new Bars(parent, {
    ...options(bars, "bar"),
    barOptions: { spaceRatio: 0.35, stacked: !isOne },
  });
  return () => remove(chart, parent);
}

/** Draws lines into `parent` and returns what removes them again. */
export async function drawLines(parent: HTMLElement, lines: LineProps): Promise<() => void> {
  const Base = await importAxisChart();
  const known = lines.series.map(({ values }) => values.map((value) => value !== null));

  class Lines extends Base {
    /** The tooltip does not tell what only fills a gap. */
    override makeDataByIndex(): void {
      super.makeDataByIndex();
      for (const [at, { values }] of Object.entries(this.dataByIndex)) {
        for (const [index, value] of values.entries()) {
          if (!known[index]?.[Number(at)]) value.formatted = MISSING;
        }
      }
    }

    /** Frappe draws through every point: where nothing is known the line is lifted. */
    override render(...args: unknown[]): void {
      super.render(...args);
      shortenAxis(this.container);
      thinOut(this.container);
      for (const [index, path] of this.container.querySelectorAll(".line-graph-path").entries()) {
        const points = (path.getAttribute("d") ?? "").replace(/^M/, "").split("L");
        const isKnown = (at: number) => known[index]?.[at] ?? false;
        const steps = points.flatMap((point, at) =>
          isKnown(at) ? [`${isKnown(at - 1) ? "L" : "M"}${point}`] : []
        );
        path.setAttribute("d", steps.join(""));
      }
    }
  }

  const filled = lines.series.map(({ name, values }) => ({ name, values: fill(values) }));
  const chart = new Lines(parent, {
    ...options({ ...lines, series: filled, isSeries: true }, "line"),
    lineOptions: { hideDots: 1 },
  });
  return () => remove(chart, parent);
}

/**
 * The chart class from Frappe's sources: the package's bundle puts a style element with fixed colours into
 * the page, which neither our dark theme nor our Content-Security-Policy can have.
 */
async function importAxisChart(): Promise<AxisChartClass> {
  const module = await import("frappe-charts/src/js/charts/AxisChart.js");
  const Base: AxisChartClass & { prototype: Internals } = module.default;
  // Frappe starts from zeros and shows the data 0.7 s later; nothing here needs that.
  Base.prototype.prepareFirstData = (data) => data;
  // The page has a legend in its own colours.
  Base.prototype.setMeasures = function () {
    this.config.showLegend = 0;
    this.measures.paddings.bottom = BOTTOM_PX;
    // The room around is for names in the style sheet's size.
    for (const sides of [this.measures.paddings, this.measures.margins]) {
      for (const side of Object.keys(sides)) sides[side]! *= remPx() / 16;
    }
  };
  Base.prototype.renderLegend = () => {};
  // Its own axis names 0.6000000000000001, and a line between 95 and 105 lies flat on one from 0 to 200.
  Base.prototype.calcYAxisParameters = function (values, isLine) {
    const known = isLine ? values : [...values, 0];
    const labels = roundTicks(Math.min(...known), Math.max(...known));
    const low = labels[0]!;
    const scaleMultiplier = this.height / (labels.at(-1)! - low);
    this.state.yAxis = {
      labels,
      positions: labels.map((label) => this.height - (label - low) * scaleMultiplier),
      scaleMultiplier,
      zeroLine: this.height + low * scaleMultiplier,
    };
    this.calcDatasetPoints();
    this.calcYExtremes();
    this.calcYRegions();
  };
  return Base;
}

function options(props: BarProps, chartType: "bar" | "line") {
  return {
    type: chartType,
    height: HEIGHT_REM * remPx(),
    animate: false,
    data: {
      labels: props.labels,
      datasets: props.series.map(({ name, values }) => ({ name, values, chartType })),
    },
    axisOptions: { xAxisMode: "tick", yAxisMode: "span", xIsSeries: props.isSeries },
    tooltipOptions: { formatTooltipY: (value: number) => formatValue(value, props.format) },
  };
}

/** `160K` for 160000, as there is room for so much and in the reader's locale. */
function shortenAxis(container: HTMLElement): void {
  const format = numberFormat({ notation: "compact", maximumSignificantDigits: 6 });
  for (const text of container.querySelectorAll(".y text")) {
    const value = Number(text.textContent);
    if (Number.isFinite(value)) text.textContent = format.format(value).replace("-", "−");
  }
}

/** Frappe takes a letter for 7 px wide and leaves names out by that: where they still meet, each nth stays. */
function thinOut(container: HTMLElement): void {
  const names = [...container.querySelectorAll(".x text")].filter((text) => text.textContent);
  const boxes = names.map((name) => name.getBoundingClientRect());
  let nth = 1;
  while (
    boxes.some(({ left }, at) =>
      at % nth === 0 && left < (boxes[at - nth]?.right ?? -Infinity) + GAP_PX
    )
  ) {
    nth++;
  }
  for (const [at, name] of names.entries()) if (at % nth > 0) name.textContent = "";
}

function remove(chart: AxisChart, parent: HTMLElement): void {
  chart.destroy();
  parent.replaceChildren();
}

/** Points without a value lie at the nearest one, so that they do not stretch the scale. */
function fill(values: readonly (number | null)[]): number[] {
  let last = values.find((value) => value !== null) ?? 0;
  return values.map((value) => last = value ?? last);
}

function formatValue(value: number, { unit, decimals, isSigned }: z.infer<typeof Format>): string {
  const text = (isSigned ? formatSigned : formatNumber)(value, decimals);
  return `${text}${unit === "" ? "" : ` ${unit}`}`;
}
