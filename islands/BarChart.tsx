import { BarProps, drawBars } from "./frappe.ts";
import { useChart } from "./use_chart.ts";

/** Bars; a table beside them holds the same numbers. */
export default function BarChart(props: BarProps) {
  const bars = BarProps.parse(props);
  const { parent, failure } = useChart((element) => drawBars(element, bars));
  if (failure) return failure;
  const chart = (
    <div
      ref={parent}
      class={`bars ${bars.isSeries ? "" : "named"}`}
      style={{ "--bar-count": bars.labels.length }}
      role="img"
      aria-label={bars.label}
    />
  );
  // Names need room: many of them scroll on a phone.
  return bars.isSeries
    ? chart
    : (
      <div class="chart-scroll" tabIndex={0} role="group" aria-label="Bars, scroll sideways">
        {chart}
      </div>
    );
}
