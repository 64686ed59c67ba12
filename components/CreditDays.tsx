import type { CreditDay } from "../db/credit_days.ts";
import BarChart from "../islands/BarChart.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, MISSING } from "./format.ts";
import { TableBehind } from "./TableBehind.tsx";

interface CreditDaysProps {
  /** Oldest first. */
  days: CreditDay[];
  /** Credits a day that the plan grants; null without a cap, undefined where no plan counts. */
  perDay: number | null | undefined;
}

/** What each day has cost, as bars and as a table. */
export function CreditDays({ days, perDay }: CreditDaysProps) {
  const isCounted = perDay !== undefined;
  const spent = days.map((day) => isCounted ? day.planCredits ?? 0 : day.runCredits);
  const most = Math.max(0, ...spent);
  return (
    <section class="card" aria-labelledby="credit-days">
      <header class="card-head">
        <h2 id="credit-days">Credits a day</h2>
        <p class="muted">
          Last {days.length} days, UTC ·{" "}
          {isCounted ? "as the plan counts" : "of the runs that began that day"} ·{" "}
          {capInWords(perDay, most)}
        </p>
      </header>
      {most === 0 ? <p class="chart-note">No credit was spent in these days.</p> : (
        <>
          <BarChart
            label={`Bar chart of the credits spent on ${days.length} days, ${days[0]!.dayOn} to ${
              days.at(-1)!.dayOn
            }. The table below has the values.`}
            labels={days.map(({ dayOn }) => dayOn.slice(5))}
            series={[{ name: "Credits", values: spent }]}
            format={{ unit: "", decimals: 0, isSigned: false }}
            isSeries
          />
          <ChartNeedsScript>the table below has the same credits</ChartNeedsScript>
        </>
      )}
      <TableBehind
        summary="Credits a day as a table"
        label="Credits a day"
        columns={["Day, UTC", "Runs", "Credits of runs", "Counted by the plan"]}
      >
        {days.toReversed().map(({ dayOn, planCredits, runCredits, runCount }) => (
          <tr key={dayOn}>
            <th scope="row">{dayOn}</th>
            <td class="number">{formatCount(runCount)}</td>
            <td class="number">{formatCount(runCredits)}</td>
            <td class="number">
              {planCredits === null ? MISSING : formatCount(planCredits)}
            </td>
          </tr>
        ))}
      </TableBehind>
    </section>
  );
}

function capInWords(perDay: number | null | undefined, most: number): string {
  if (perDay === undefined) return "no plan limits them";
  if (perDay === null) return "the plan has no daily cap";
  const busiest = most === 0 ? "" : `; the busiest took ${Math.round(100 * most / perDay)} % of it`;
  return `the plan grants ${formatCount(perDay)} a day${busiest}`;
}
