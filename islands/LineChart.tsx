import { drawLines, LineProps } from "./frappe.ts";
import { useChart } from "./use_chart.ts";

/** Lines with their legend; a table beside them holds the same numbers. */
export default function LineChart(props: LineProps) {
  const lines = LineProps.parse(props);
  const { parent, failure } = useChart((element) => drawLines(element, lines));
  if (failure) return failure;
  return (
    <>
      <ul class="legend">
        {lines.series.map(({ name }) => <li key={name}>{name}</li>)}
      </ul>
      <div ref={parent} class="lines" role="img" aria-label={lines.label} />
    </>
  );
}
