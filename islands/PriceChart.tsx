import { useEffect, useRef } from "preact/hooks";
import * as z from "zod/mini";
import { drawCandles } from "./candles.ts";

const Props = z.object({
  /** What the chart is of, for those who do not see it. */
  label: z.string(),
  /** Open times in UTC seconds, ascending; the other columns have one value for each. */
  times: z.array(z.number()),
  opens: z.array(z.number()),
  highs: z.array(z.number()),
  lows: z.array(z.number()),
  closes: z.array(z.number()),
  /** Units traded, null where it was not reported; null when it never was. */
  volumes: z.nullable(z.array(z.nullable(z.number()))),
  /** Fraction digits of the price scale. */
  decimals: z.number(),
  /** Whether candles carry a time of day; false for a day or longer. */
  hasTime: z.boolean(),
});

/** The columns that the chart draws. */
export type PriceColumns = z.infer<typeof Props>;

/** Candlesticks, with volume below them when there is one. */
export default function PriceChart(props: PriceColumns) {
  const columns = Props.parse(props);
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    let remove: (() => void) | undefined;
    if (parent.current) {
      drawCandles(parent.current, columns).then((removeChart) => {
        if (isGone) removeChart();
        else remove = removeChart;
      });
    }
    return () => {
      isGone = true;
      remove?.();
    };
    // The props of an island never change: a new page is a new document.
  }, []);
  return <div ref={parent} class="price-chart" role="img" aria-label={columns.label} />;
}
