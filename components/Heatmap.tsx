import { isStale, type OverviewRow, type StalePrice } from "../db/overview.ts";
import type { Span } from "../market/span.ts";
import { Change } from "./Change.tsx";
import { formatTick } from "./format.ts";
import { HEAT_STEPS, heatClass, heatOf, MOST_HEAT } from "./heat.ts";
import { KIND_HEADINGS, KINDS } from "./kinds.ts";
import { changeOver, SPAN_WORDS } from "./spans.ts";

interface HeatmapProps {
  rows: OverviewRow[];
  stale: StalePrice[];
  span: Span;
}

/** A tile for each instrument, coloured by its change; each leads to the instrument. */
export function Heatmap({ rows, stale, span }: HeatmapProps) {
  const byChange = rows.toSorted((a, b) => rank(b, stale, span) - rank(a, stale, span));
  return (
    <section class="card" aria-labelledby="heatmap">
      <header class="card-head">
        <h2 id="heatmap">Heatmap</h2>
        <p class="muted">Change {SPAN_WORDS[span]}, best first; stale prices have no colour</p>
      </header>
      <div class="heatmap">
        {KINDS.map((kind) => {
          const group = byChange.filter((row) => row.kind === kind);
          return group.length > 0 && (
            <section key={kind} aria-label={KIND_HEADINGS[kind]}>
              <h3>{KIND_HEADINGS[kind]}</h3>
              <ul>
                {group.map((row) => (
                  <li key={row.slug}>
                    <Tile row={row} isStale={isStale(row, stale)} span={span} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
        <Legend step={HEAT_STEPS[span]} />
      </div>
    </section>
  );
}

function Tile({ row, isStale, span }: { row: OverviewRow; isStale: boolean; span: Span }) {
  const change = changeOver(row, span);
  const isKnown = change !== null && !isStale;
  return (
    <a
      class={isKnown ? heatClass(heatOf(change, span)) : "heat unknown"}
      href={`/instruments/${row.slug}`}
      title={row.name ?? undefined}
    >
      <strong>{row.symbol}</strong>
      <Change percent={change} />
      {isStale && <span class="note">stale</span>}
    </a>
  );
}

/** The scale from the largest losses to the largest gains; the step is in per cent. */
function Legend({ step }: { step: number }) {
  const heats = Array.from({ length: 2 * MOST_HEAT + 1 }, (_, at) => at - MOST_HEAT);
  const most = formatTick((MOST_HEAT - 1) * step);
  return (
    <p class="heat-legend">
      <span>−{most} % and less</span>
      <span
        class="scale"
        role="img"
        aria-label={`Steps of ${formatTick(step)} % from red to green`}
      >
        {heats.map((heat) => <span key={heat} class={heatClass(heat)} />)}
      </span>
      <span>+{most} % and more</span>
    </p>
  );
}

/** What is stale or not known comes last. */
function rank(row: OverviewRow, stale: StalePrice[], span: Span): number {
  return isStale(row, stale) ? -Number.MAX_VALUE : changeOver(row, span) ?? -Number.MAX_VALUE;
}
