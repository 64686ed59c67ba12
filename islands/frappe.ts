/** Frappe Charts as the islands use it: bars coloured by their sign, themed by our style sheet. */

/** What is used of a Frappe chart; the package brings no types. */
interface AxisChart {
  container: HTMLElement;
  data: BarData;
  render(...args: unknown[]): void;
  destroy(): void;
}

interface BarData {
  labels: string[];
  datasets: { values: number[]; chartType: "bar" }[];
}

type AxisChartClass = new (parent: HTMLElement, options: Record<string, unknown>) => AxisChart;

/** One bar a label, in per cent. */
export interface PercentBars {
  labels: string[];
  percents: number[];
  /** Labels are a series (dates), of which some may be left out when they are dense. */
  isSeries: boolean;
  heightPx: number;
}

/**
 * Draws bars into `parent` and returns what removes them again.
 *
 * It takes the chart class from Frappe's sources: the package's bundle puts a style element with fixed
 * colours into the page, which neither our dark theme nor our Content-Security-Policy can have.
 */
export async function drawPercentBars(parent: HTMLElement, bars: PercentBars): Promise<() => void> {
  const module = await import("frappe-charts/src/js/charts/AxisChart.js");
  const Base: AxisChartClass = module.default;

  class SignedBars extends Base {
    /** Frappe starts from zeros and shows the data 0.7 s later; nothing here needs that. */
    prepareFirstData(data: BarData): BarData {
      return data;
    }

    /**
     * Frappe has one colour a dataset, the style sheet has one for each sign; and it cuts names to a
     * letter or two where bars are narrow, while the style sheet lets them lean.
     */
    override render(...args: unknown[]): void {
      super.render(...args);
      if (!bars.isSeries) {
        for (const [index, text] of this.container.querySelectorAll(".x text").entries()) {
          text.textContent = this.data.labels[index] ?? "";
        }
      }
      const values = this.data.datasets[0]?.values ?? [];
      for (const bar of this.container.querySelectorAll(".bar")) {
        const value = values[Number(bar.getAttribute("data-point-index"))] ?? 0;
        bar.classList.add(value < 0 ? "down" : "up");
      }
    }
  }

  const chart = new SignedBars(parent, {
    type: "bar",
    height: bars.heightPx,
    animate: false,
    data: {
      labels: bars.labels,
      datasets: [{ name: "", chartType: "bar", values: bars.percents }],
    },
    barOptions: { spaceRatio: 0.35 },
    axisOptions: { xAxisMode: "tick", yAxisMode: "span", xIsSeries: bars.isSeries },
    tooltipOptions: { formatTooltipY: (percent: number) => formatSigned(percent) },
  });
  return () => {
    chart.destroy();
    parent.replaceChildren();
  };
}

function formatSigned(percent: number): string {
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${Math.abs(percent).toFixed(2)} %`;
}
