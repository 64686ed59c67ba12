import type { Reading } from "./reading.ts";

/** The values of one candle: of the one under the crosshair, or of the newest. */
export function ChartLegend({ reading }: { reading: Reading }) {
  const { time, zone, prices, change, direction, volume, lines } = reading;
  const arrow = { up: "▲", down: "▼", flat: "" }[direction];
  return (
    <div class="chart-reading">
      <p class="candle-reading">
        <span class="reading-time">
          <strong>{time}</strong> {zone !== null && <span class="muted">{zone}</span>}
        </span>
        {prices.map(({ letter, name, text }) => (
          <span key={letter} class="reading-value">
            <abbr title={name}>{letter}</abbr> <span>{text}</span>
          </span>
        ))}
        <span class={`reading-value ${direction}`} title="Since the close of the candle before">
          <span class="visually-hidden">Change</span>
          <span aria-hidden="true">{arrow}</span> <span>{change}</span>
        </span>
        {volume !== null && (
          <span class="reading-value">
            <abbr title="Volume">Vol</abbr> <span>{volume}</span>
          </span>
        )}
      </p>
      {lines.length > 0 && (
        <ul class="line-readings">
          {lines.map(({ name, color, text }) => (
            <li key={name} style={{ "--line": `var(${color})` }}>
              {name} <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
