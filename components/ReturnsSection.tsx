import BarChart from "../islands/BarChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { Change } from "./Change.tsx";
import { TableBehind } from "./TableBehind.tsx";

interface ReturnsSectionProps {
  /** Ascending; `date` is `YYYY-MM-DD`. */
  returns: { date: string; percent: number }[];
  /** The date of the last daily candle where it is older than all that are looked at; null else. */
  endedOn: string | null;
}

/** Daily returns as bars and as a table. */
export function ReturnsSection({ returns, endedOn }: ReturnsSectionProps) {
  return (
    <section class="card" aria-labelledby="returns">
      <header class="card-head">
        <h2 id="returns">Daily returns</h2>
        <p class="muted">
          Close to close, %{returns.length > 0 && `, last ${returns.length} trading days`}
        </p>
      </header>
      {returns.length === 0
        ? (
          <p class="chart-note">
            {endedOn === null ? "Daily returns appear with the second daily candle." : (
              <>
                Only the newest are shown here, and the last daily candle is of{" "}
                <time dateTime={endedOn}>{endedOn}</time>.
              </>
            )}
          </p>
        )
        : (
          <>
            <BarChart
              label={`Bar chart of ${returns.length} daily returns from ${returns[0]!.date} to ${
                returns.at(-1)!.date
              }. The table below has the values.`}
              labels={returns.map(({ date }) => date.slice(5))}
              series={[{
                name: "Return",
                values: returns.map(({ percent }) => Number(percent.toFixed(4))),
              }]}
              format={{ unit: "%", decimals: 2, isSigned: true }}
              isSeries
            />
            <ChartNeedsScript>the table below has the same returns</ChartNeedsScript>
            <TableBehind
              summary="Daily returns as a table"
              label="Daily returns"
              columns={["Date", "Return"]}
            >
              {returns.toReversed().map(({ date, percent }) => (
                <tr key={date}>
                  <th scope="row">{date}</th>
                  <td class="number">
                    <Change percent={percent} />
                  </td>
                </tr>
              ))}
            </TableBehind>
          </>
        )}
    </section>
  );
}
