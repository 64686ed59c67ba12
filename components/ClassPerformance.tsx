import type { SpanSummary } from "../db/overview.ts";
import type { Span } from "../market/span.ts";
import { Change } from "./Change.tsx";
import { formatFixed } from "./format.ts";
import { KIND_HEADINGS, KINDS } from "./kinds.ts";
import { SPAN_WORDS } from "./spans.ts";

interface ClassPerformanceProps {
  summaries: SpanSummary[];
  span: Span;
}

/** What is known of a kind: then all of its figures are. */
type KnownSummary = { [Field in keyof SpanSummary]: NonNullable<SpanSummary[Field]> };

/** Average, median, best and worst of each kind, as a table and as bars on one scale. */
export function ClassPerformance({ summaries, span }: ClassPerformanceProps) {
  const classes = KINDS.flatMap((kind) =>
    summaries.filter((one): one is KnownSummary => one.kind === kind && one.known > 0)
  );
  const most = Math.max(
    ...classes.flatMap((one) => [one.bestChangePercent, one.worstChangePercent].map(Math.abs)),
  );
  return (
    <section class="card" aria-labelledby="classes">
      <header class="card-head">
        <h2 id="classes">Performance by class</h2>
        <p class="muted">Change {SPAN_WORDS[span]}; each instrument counts the same</p>
      </header>
      {classes.length === 0
        ? <p class="chart-note">No current price has a change {SPAN_WORDS[span]}.</p>
        : (
          <div class="table-scroll" tabIndex={0} role="group" aria-label="Performance by class">
            <table class="classes">
              <thead>
                <tr>
                  <th scope="col">Class</th>
                  <th scope="col" class="number">Average</th>
                  <th scope="col" class="number">Median</th>
                  <th scope="col">Best</th>
                  <th scope="col">Worst</th>
                  <th scope="col" class="range-head">
                    <span>−{formatFixed(most, 2)} %</span>
                    <span>0</span>
                    <span>+{formatFixed(most, 2)} %</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {classes.map((one) => (
                  <tr key={one.kind}>
                    <th scope="row">
                      {KIND_HEADINGS[one.kind]}
                      <span class="name">
                        {one.known} of {one.instruments}
                        {one.stale > 0 && `, ${one.stale} stale left out`}
                      </span>
                    </th>
                    <td class="number">
                      <Change percent={one.averageChangePercent} />
                    </td>
                    <td class="number">
                      <Change percent={one.medianChangePercent} />
                    </td>
                    <td>
                      {one.bestSymbol} <Change percent={one.bestChangePercent} />
                    </td>
                    <td>
                      {one.worstSymbol} <Change percent={one.worstChangePercent} />
                    </td>
                    <td>
                      <Range summary={one} most={most} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p class="range-legend" aria-hidden="true">
              <span class="bar">worst to best</span>
              <span class="average">average</span>
              <span class="median">median</span>
            </p>
          </div>
        )}
    </section>
  );
}

/** From the worst to the best, with the average and the median; the cells beside it have the numbers. */
function Range({ summary, most }: { summary: KnownSummary; most: number }) {
  const at = (percent: number) => most === 0 ? 50 : 50 + 50 * percent / most;
  const left = at(summary.worstChangePercent);
  const place = (percent: number) => ({ left: `${at(percent).toFixed(1)}%` });
  return (
    <div class="range" aria-hidden="true">
      <span
        class="bar"
        style={{
          left: `${left.toFixed(1)}%`,
          width: `${(at(summary.bestChangePercent) - left).toFixed(1)}%`,
        }}
      />
      <span class="median" style={place(summary.medianChangePercent)} />
      <span class="average" style={place(summary.averageChangePercent)} />
    </div>
  );
}
