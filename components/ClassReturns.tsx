import type { ClassReturn } from "../db/class_page.ts";
import BarChart from "../islands/BarChart.tsx";
import { Change } from "./Change.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatFixed } from "./format.ts";

/** Bars stay readable up to here; the table has all. */
const MOST_BARS = 24;

/** Who has done best over the days that all have: bars and table. */
export function ClassReturns({ returns }: { returns: ClassReturn[] }) {
  const [first] = returns;
  if (first === undefined || first.startedOn === first.endedOn) return null;
  const window = `${first.startedOn} to ${first.endedOn}`;
  const half = MOST_BARS / 2;
  const bars = returns.length <= MOST_BARS
    ? returns
    : [...returns.slice(0, half), ...returns.slice(-half)];
  return (
    <section class="card" aria-labelledby="returns">
      <header class="card-head">
        <h2 id="returns">Compounded performance</h2>
        <p class="muted">
          Return from {window}, whose last candle may still form, %, best first
          {bars.length < returns.length && `; bars of the best and the worst ${half}`}
        </p>
      </header>
      {returns.length > 1 && (
        <>
          <BarChart
            label={`Bar chart of compounded returns from ${window}, from ${first.symbol} (best) to ${
              returns.at(-1)!.symbol
            } (worst). The table below has the values.`}
            labels={bars.map(({ symbol }) => symbol)}
            series={[{
              name: "Return",
              values: bars.map(({ returnPercent }) => Number(returnPercent.toFixed(4))),
            }]}
            format={{ unit: "%", decimals: 2, isSigned: true }}
            isSeries={false}
          />
          <ChartNeedsScript>the table below has the same returns</ChartNeedsScript>
        </>
      )}
      <div class="table-scroll short" tabIndex={0} role="group" aria-label="Compounded performance">
        <table class="ranking">
          <thead>
            <tr>
              <th scope="col" class="number">Place</th>
              <th scope="col">Instrument</th>
              <th scope="col" class="number">Compounded return</th>
              <th scope="col" class="number">100 became</th>
            </tr>
          </thead>
          <tbody>
            {returns.map(({ slug, symbol, place, returnPercent }) => (
              <tr key={slug}>
                <td class="number">{place}</td>
                <th scope="row">
                  <a class="symbol" href={`/instruments/${slug}`}>{symbol}</a>
                </th>
                <td class="number">
                  <Change percent={returnPercent} />
                </td>
                <td class="number">{formatFixed(100 + returnPercent, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
