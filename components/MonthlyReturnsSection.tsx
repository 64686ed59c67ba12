import type { YearOfReturns } from "../db/calendar_returns.ts";
import { formatSigned, MISSING } from "./format.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The return of every month and year that is stored; `years` are the newest first. */
export function MonthlyReturnsSection({ years }: { years: YearOfReturns[] }) {
  const months = years.flatMap(({ months }) => Object.values(months));
  const strongest = Math.max(...months.map((percent) => Math.abs(percent ?? 0)), 0);
  return (
    <section class="card" aria-labelledby="months">
      <header class="card-head">
        <h2 id="months">Monthly returns</h2>
        <p class="muted">
          Close to close, %, all that is stored; the months compound to their year
        </p>
      </header>
      {months.every((percent) => percent === null)
        ? <p class="chart-note">Monthly returns appear with the second daily candle.</p>
        : (
          <div
            class="table-scroll"
            tabIndex={0}
            role="group"
            aria-label="Monthly returns, scrolls sideways"
          >
            <table class="months">
              <thead>
                <tr>
                  <th scope="col">Year</th>
                  {MONTHS.map((month) => <th key={month} scope="col" class="number">{month}</th>)}
                  <th scope="col" class="number">Total</th>
                </tr>
              </thead>
              <tbody>
                {years.map(({ year, months, returnPercent }) => (
                  <tr key={year}>
                    <th scope="row">{year}</th>
                    {MONTHS.map((name, at) => (
                      <MonthCell key={name} percent={months[at + 1]} strongest={strongest} />
                    ))}
                    <td class="number total">
                      <Percent percent={returnPercent} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

interface MonthCellProps {
  /** Undefined where the month has no close. */
  percent: number | null | undefined;
  /** The largest return of all months, without its sign. */
  strongest: number;
}

/** Coloured by sign, and as strongly as the return is large beside the others. */
function MonthCell({ percent, strongest }: MonthCellProps) {
  if (percent === undefined) return <td />;
  if (percent === null || strongest === 0 || Number(percent.toFixed(1)) === 0) {
    return (
      <td class="number">
        <Percent percent={percent} />
      </td>
    );
  }
  const strength = (100 * Math.abs(percent) / strongest).toFixed(0);
  return (
    <td class={`number heat ${percent > 0 ? "rise" : "fall"}`} style={{ "--strength": strength }}>
      <Percent percent={percent} />
    </td>
  );
}

function Percent({ percent }: { percent: number | null }) {
  return percent === null
    ? <>{MISSING}</>
    : <data value={percent}>{formatSigned(percent, 1)}</data>;
}
