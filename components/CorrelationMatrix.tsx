import type { CommonWindow, Correlation } from "../db/comparison.ts";
import type { Instrument } from "../market/instrument.ts";
import { comparePath, type CompareView } from "./compare_address.ts";
import { counted, formatNumber, formatUtcDate, MISSING } from "./format.ts";

interface CorrelationMatrixProps {
  instruments: Instrument[];
  correlations: Correlation[];
  /** The dates that all have in common; null where each two have others. */
  common: CommonWindow | null;
  /** The two whose rolling correlation is shown. */
  pair: readonly [Instrument, Instrument];
  view: CompareView;
}

/** How alike the daily returns of each two are; a cell leads to how that went over time. */
export function CorrelationMatrix(
  { instruments, correlations, common, pair, view }: CorrelationMatrixProps,
) {
  return (
    <section class="card" aria-labelledby="correlations">
      <header class="card-head">
        <h2 id="correlations">Correlation</h2>
        <p class="muted">
          Of daily returns {common
            ? `from ${formatUtcDate(common.startedAt)} to ${formatUtcDate(common.endedAt)}`
            : "on the dates that each two have"}, from −1 to 1, with how many both have · choose a
          cell to see it over time
        </p>
      </header>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Matrix, scrolls sideways">
        <table class="matrix">
          <thead>
            <tr>
              <td></td>
              {instruments.map(({ id, symbol }) => <th key={id} scope="col">{symbol}</th>)}
            </tr>
          </thead>
          <tbody>
            {instruments.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.symbol}</th>
                {instruments.map((other) => (
                  <Cell
                    key={other.id}
                    pair={[one, other]}
                    cell={correlations.find((cell) =>
                      cell.instrumentId === one.id && cell.otherInstrumentId === other.id
                    )}
                    isShown={one !== other && pair.includes(one) && pair.includes(other)}
                    view={view}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface CellProps {
  pair: [Instrument, Instrument];
  cell: Correlation | undefined;
  /** Whether it is the one whose course is shown below. */
  isShown: boolean;
  view: CompareView;
}

function Cell({ pair: [one, other], cell, isShown, view }: CellProps) {
  const { correlation = null, observations = 0 } = cell ?? {};
  const tone = correlation === null ? "" : correlation < 0 ? "against" : "along";
  const content = (
    <>
      <b>{correlation === null ? MISSING : formatNumber(correlation, 2)}</b>
      <small>{counted(observations, "return")}</small>
    </>
  );
  return (
    <td
      class={tone}
      style={{ "--strength": `${Math.round(40 * Math.abs(correlation ?? 0))}%` }}
    >
      {one.id === other.id ? <span>{content}</span> : (
        <a
          href={`${comparePath({ ...view, pair: [one.slug, other.slug] })}#rolling`}
          aria-current={isShown ? "true" : undefined}
        >
          {content}
        </a>
      )}
    </td>
  );
}
