import type { ClassMember, ClassPoint, ClassReturn } from "../db/class_page.ts";
import LineChart from "../islands/LineChart.tsx";
import type { InstrumentKind } from "../market/instrument.ts";
import { ChartNeedsScript } from "./ChartNeedsScript.tsx";
import { lineSeries } from "./class_lines.ts";
import { formatFixed, MISSING } from "./format.ts";
import { SeriesTable } from "./SeriesTable.tsx";

interface ClassTrendProps {
  /** Of those that are compared, best first. */
  returns: ClassReturn[];
  members: ClassMember[];
  points: ClassPoint[];
  /** Kinds whose mean is a line. */
  meanKinds: InstrumentKind[];
  /** The returns whose instruments are lines. */
  lines: ClassReturn[];
}

/** The class and its members from 100 at their common start. */
export function ClassTrend({ returns, members, points, meanKinds, lines }: ClassTrendProps) {
  const series = lineSeries(points, meanKinds, lines);
  const dates = points.map(({ date }) => date);
  const [first, last] = [dates[0], dates.at(-1)];
  return (
    <section class="card" aria-labelledby="trend">
      <header class="card-head">
        <h2 id="trend">Trend and compounded performance</h2>
        <p class="muted">
          {first &&
            `Daily closes from 100 on ${first}, the first day that all have, to ${last}, whose candle may still form`}
        </p>
      </header>
      {points.length < 2
        ? (
          <p class="chart-note">
            A trend needs two days that all have a candle of, and there{" "}
            {points.length === 1 ? `is one, ${first}` : "is none"}{" "}
            in this window. Choose a longer one, or load more with{" "}
            <code>deno task etl backfill</code>. <LeftOut members={members} />
          </p>
        )
        : (
          <>
            <LineChart
              label={`Line chart of ${
                series.map(({ name }) => name).join(", ")
              } from 100 on ${first} to ${last}. The tables below have the values.`}
              labels={dates}
              series={series}
              format={{ unit: "", decimals: 2, isSigned: false }}
            />
            <ChartNeedsScript>the tables below have the same values</ChartNeedsScript>
            <p class="chart-note">
              A value of 112 is a compounded return of +12 %. {meanKinds.length > 0 &&
                "A mean is what equal amounts in each of its kind have become. "}
              {lines.length < returns.length &&
                `Lines are the best and the worst ${lines.length} of ${returns.length}; means and the table have all. `}
              <LeftOut members={members} />
            </p>
            <SeriesTable
              label={`Lines on ${dates.length} dates`}
              dates={dates}
              columns={series.map(({ name, values }) => ({
                name,
                values: values.map((value) => value === null ? MISSING : formatFixed(value, 2)),
              }))}
            />
          </>
        )}
    </section>
  );
}

const REASONS = {
  no_candle: "no candle in this window",
  late: "begin later",
  ended: "have ended before",
} as const;

/** Who is not compared, and why. */
function LeftOut({ members }: { members: ClassMember[] }) {
  const groups = Map.groupBy(members.filter(({ leftOut }) => leftOut), ({ leftOut }) => leftOut!);
  if (groups.size === 0) return null;
  const told = [...groups].map(([reason, group]) =>
    `${group.map(({ symbol }) => symbol).join(", ")} (${REASONS[reason]})`
  );
  return <>Left out, as they would cut it short for all: {told.join("; ")}.</>;
}
