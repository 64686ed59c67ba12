import * as z from "zod/mini";
import { usePercentBars } from "./use_percent_bars.ts";

const Props = z.object({
  symbols: z.array(z.string()),
  /** Change over 24 h in per cent, one a symbol. */
  percents: z.array(z.number()),
});

/** Bars of the change over 24 h; the table of the page holds the same numbers. */
export default function MoversChart(props: z.infer<typeof Props>) {
  const { symbols, percents } = Props.parse(props);
  const parent = usePercentBars({ labels: symbols, percents, isSeries: false, heightPx: 260 });
  const best = symbols[0];
  const worst = symbols.at(-1);
  return (
    <div class="chart-scroll" tabIndex={0} role="group" aria-label="Movers, scrolls sideways">
      <div
        ref={parent}
        class="bars movers"
        style={{ "--bar-count": symbols.length }}
        role="img"
        aria-label={`Bar chart of changes over 24 h from ${best} (best) to ${worst} (worst). The table above has the values.`}
      />
    </div>
  );
}
