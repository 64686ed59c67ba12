import { formatFixed, formatPercent, formatTick } from "./format.ts";
import { placeLabels } from "./label_places.ts";
import { roundScale } from "./scale.ts";

/** One point; per cent a year. */
export interface RiskPoint {
  symbol: string;
  /** Which of the colours of lines, from 1. */
  series: number;
  volatility: number;
  return: number;
}

/**
 * Return over risk, drawn on the server. Places are per cents of the plot, so that it is as wide as its
 * card while its letters keep their size; what is beside the plot overflows into its margins.
 */
export function RiskScatter({ points }: { points: RiskPoint[] }) {
  const across = roundScale(points.map(({ volatility }) => volatility));
  const up = roundScale(points.map((point) => point.return));
  const placed = points.map((point) => ({
    ...point,
    name: point.symbol,
    x: across.place(point.volatility),
    y: 100 - up.place(point.return),
  }));
  const labels = placeLabels(placed);
  const summary = points.map((point) =>
    `${point.symbol} ${formatPercent(point.return)} at ${formatFixed(point.volatility, 2)} %`
  ).join(", ");
  return (
    <div class="scatter">
      <svg
        role="img"
        aria-label={`Chart of return a year over volatility a year: ${summary}. The table below has the values.`}
      >
        {across.ticks.map((tick) => (
          <g key={tick}>
            <line
              class="grid"
              x1={`${across.place(tick)}%`}
              x2={`${across.place(tick)}%`}
              y1="0%"
              y2="100%"
            />
            <text x={`${across.place(tick)}%`} y="100%" dy="18" text-anchor="middle">
              {formatTick(tick)}
            </text>
          </g>
        ))}
        {up.ticks.map((tick) => (
          <g key={tick}>
            <line
              class={tick === 0 ? "zero" : "grid"}
              x1="0%"
              x2="100%"
              y1={`${100 - up.place(tick)}%`}
              y2={`${100 - up.place(tick)}%`}
            />
            <text x="0%" dx="-8" y={`${100 - up.place(tick)}%`} dy="4" text-anchor="end">
              {formatTick(tick)}
            </text>
          </g>
        ))}
        <text x="100%" y="100%" dy="38" text-anchor="end">Volatility, % a year</text>
        <text x="0%" y="0%" dx="-8" dy="-14">Return, % a year</text>
        {placed.map(({ symbol, series, x, y }, at) => (
          <g key={symbol} style={{ "--line": `var(--series-${series})` }}>
            <circle class="dot" cx={`${x}%`} cy={`${y}%`} r="5.5" />
            <text
              class="label"
              x={`${x}%`}
              y={`${y}%`}
              dx={labels[at]!.dx}
              dy={labels[at]!.dy}
              text-anchor={labels[at]!.anchor}
            >
              {symbol}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
