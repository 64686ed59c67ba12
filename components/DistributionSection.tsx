import type { ReturnBucket } from "../db/instrument_statistics.ts";
import BarChart from "../islands/BarChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, formatFixed, formatNumber } from "./format.ts";
import { NoneInWindow } from "./NoneInWindow.tsx";
import { TableBehind } from "./TableBehind.tsx";

interface DistributionSectionProps {
  /** Ascending. */
  buckets: ReturnBucket[];
  /** The date of the last daily candle where it lies before the window. */
  endedOn: string | null;
}

/** How often which daily return came. */
export function DistributionSection({ buckets, endedOn }: DistributionSectionProps) {
  const first = buckets[0];
  const total = buckets.reduce((sum, { returnCount }) => sum + returnCount, 0);
  return (
    <section class="card" aria-labelledby="distribution">
      <header class="card-head">
        <h3 id="distribution">Distribution of daily returns</h3>
        <p class="muted">
          {first
            ? `Days per ${widthOf(first)} % of return, ${formatCount(total)} returns`
            : "Days per bucket of return, %"}
        </p>
      </header>
      {first === undefined
        ? (
          <NoneInWindow endedOn={endedOn} interval="daily">
            No daily return in this window: the distribution appears with the second daily candle.
          </NoneInWindow>
        )
        : (
          <>
            <BarChart
              label={`Histogram of ${formatCount(total)} daily returns in ${buckets.length} ` +
                `buckets of ${widthOf(first)} %. The table below has the counts.`}
              labels={buckets.map(nameOf)}
              series={[{ name: "Days", values: buckets.map(({ returnCount }) => returnCount) }]}
              format={{ unit: "", decimals: 0, isSigned: false }}
              isSeries
            />
            <ChartNeedsScript>the table below has the same counts</ChartNeedsScript>
            <TableBehind
              summary="Distribution as a table"
              label="Distribution of daily returns"
              columns={["Return from, to below, %", "Days", "Share"]}
            >
              {buckets.map((bucket) => (
                <tr key={bucket.lowerPercent}>
                  <th scope="row">{nameOf(bucket)}</th>
                  <td class="number">
                    <data value={bucket.returnCount}>{formatCount(bucket.returnCount)}</data>
                  </td>
                  <td class="number">{formatFixed(bucket.sharePercent, 1)} %</td>
                </tr>
              ))}
            </TableBehind>
          </>
        )}
    </section>
  );
}

/** As many decimals as the edges have: a width is 1, 2 or 5 times a power of ten. */
function decimalsOf({ lowerPercent, upperPercent }: ReturnBucket): number {
  // The difference of two edges is a hair off; its logarithm need not be.
  return Math.max(0, -Math.floor(Math.log10((upperPercent - lowerPercent) * 1.000001)));
}

function widthOf(bucket: ReturnBucket): string {
  return formatFixed(bucket.upperPercent - bucket.lowerPercent, decimalsOf(bucket));
}

function nameOf(bucket: ReturnBucket): string {
  const decimals = decimalsOf(bucket);
  return `${formatNumber(bucket.lowerPercent, decimals)} to ${
    formatNumber(bucket.upperPercent, decimals)
  }`;
}
