import type { ComponentChildren } from "preact";
import type { HourSeason, Season } from "../db/calendar_returns.ts";
import BarChart from "../islands/BarChart.tsx";
import { Change } from "./Change.tsx";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { formatCount, formatFixed, formatVolume } from "./format.ts";
import { TableBehind } from "./TableBehind.tsx";

interface SeasonSectionProps {
  /** Of the heading. */
  id: string;
  title: string;
  /** What the returns are, and where the clock or the calendar is. */
  note: string;
  /** What stands there without seasons. */
  empty: ComponentChildren;
  seasons: (Season | HourSeason)[];
  /** What heads the rows: `Weekday`. */
  column: string;
  nameOf: (number: number) => string;
  /** What is counted: `Days`. */
  counted: string;
  /** What a volume counts: `shares`. */
  volumeUnit: string;
}

/** Average returns by weekday or by hour of the day. */
export function SeasonSection(props: SeasonSectionProps) {
  const { id, title, note, empty, seasons, column, nameOf, counted, volumeUnit } = props;
  const hasVolume = seasons.some((season) => volumeOf(season) !== null);
  // A bar of an average that is not known would be one of 0.
  const drawn = seasons.flatMap(({ number, averageReturnPercent }) =>
    averageReturnPercent === null ? [] : [{ number, percent: averageReturnPercent }]
  );
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head">
        <h3 id={id}>{title}</h3>
        <p class="muted">{note}</p>
      </header>
      {seasons.length === 0 ? empty : (
        <>
          {drawn.length > 0 && (
            <>
              <BarChart
                label={`Bar chart of the average return ${title.toLowerCase()}, from ${
                  nameOf(drawn[0]!.number)
                } to ${nameOf(drawn.at(-1)!.number)}. The table below has the values.`}
                labels={drawn.map(({ number }) => nameOf(number))}
                series={[{
                  name: "Average return",
                  values: drawn.map(({ percent }) => Number(percent.toFixed(5))),
                }]}
                format={{ unit: "%", decimals: 3, isSigned: true }}
                isSeries
              />
              <ChartNeedsScript>the table below has the same averages</ChartNeedsScript>
            </>
          )}
          <TableBehind
            summary={`${title} as a table`}
            label={title}
            columns={[
              column,
              "Average return",
              "Rising",
              counted,
              ...hasVolume ? [`Average volume, ${volumeUnit}`] : [],
            ]}
          >
            {seasons.map((season) => (
              <tr key={season.number}>
                <th scope="row">{nameOf(season.number)}</th>
                <td class="number">
                  <Change percent={season.averageReturnPercent} percentDecimals={3} />
                </td>
                <td class="number">
                  {season.risingPercent !== null && `${formatFixed(season.risingPercent, 1)} %`}
                </td>
                <td class="number">{formatCount(season.count)}</td>
                {hasVolume && <td class="number">{shownVolume(volumeOf(season))}</td>}
              </tr>
            ))}
          </TableBehind>
        </>
      )}
    </section>
  );
}

function volumeOf(season: Season | HourSeason): string | null {
  return "averageVolume" in season ? season.averageVolume : null;
}

function shownVolume(volume: string | null): ComponentChildren {
  return volume === null ? <span class="muted">not reported</span> : formatVolume(volume);
}
