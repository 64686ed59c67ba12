import { directionOf } from "../islands/number_locale.ts";

interface SparklineProps {
  /** Closes, oldest first. */
  values: number[];
  /** What the line is of, for those who do not see it. */
  label: string;
  /** Per cent over the line's span, which colours it; null goes by its ends. */
  change: number | null;
}

const WIDTH = 112;
const HEIGHT = 32;
const PAD = 2;

/** A line without axes, drawn on the server. */
export function Sparkline({ values, label, change }: SparklineProps) {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined || values.length < 2) return null;
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const points = values.map((value, index) => {
    const x = PAD + (index / (values.length - 1)) * (WIDTH - 2 * PAD);
    const y = HEIGHT - PAD - ((value - low) / range) * (HEIGHT - 2 * PAD);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const direction = directionOf(change ?? 100 * (last - first) / Math.abs(first), 2);
  return (
    <svg
      class={`sparkline ${direction}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <polygon
        class="area"
        points={`${PAD},${HEIGHT} ${points.join(" ")} ${WIDTH - PAD},${HEIGHT}`}
      />
      <polyline class="line" points={points.join(" ")} />
    </svg>
  );
}
