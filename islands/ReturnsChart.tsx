import * as z from "zod/mini";
import { usePercentBars } from "./use_percent_bars.ts";

const Props = z.object({
  /** `YYYY-MM-DD`, ascending. */
  dates: z.array(z.string()),
  /** Return of each date in per cent. */
  percents: z.array(z.number()),
});

/** Bars of daily returns; a table beside it holds the same numbers. */
export default function ReturnsChart(props: z.infer<typeof Props>) {
  const { dates, percents } = Props.parse(props);
  const parent = usePercentBars({
    labels: dates.map((date) => date.slice(5)),
    percents,
    isSeries: true,
    heightPx: 260,
  });
  return (
    <div
      ref={parent}
      class="bars returns"
      role="img"
      aria-label={`Bar chart of ${dates.length} daily returns from ${dates[0]} to ${
        dates.at(-1)
      }. The table below has the values.`}
    />
  );
}
