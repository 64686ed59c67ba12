import type { ComponentChildren } from "preact";
import { formatFixed } from "./format.ts";
import { Figure } from "./Figure.tsx";
import { Price } from "./Price.tsx";

/** An end of a range: its price, and when it was. */
export interface RangeEnd {
  /** Null when it is not known. */
  price: string | null;
  note?: ComponentChildren;
}

interface PriceRangeProps {
  /** What the range is of: `24 h`. */
  window: string;
  low: RangeEnd;
  high: RangeEnd;
  price: string | null;
  decimals: number;
  currency: string | null;
}

/** The low and the high of a window, and on a bar where the price is between them. */
export function PriceRange({ window, low, high, price, decimals, currency }: PriceRangeProps) {
  const share = shareOf(low.price, high.price, price);
  return (
    <div class="price-range">
      <dl>
        {([["Low", low], ["High", high]] as const).map(([name, end]) => (
          <Figure key={name} name={`${name}, ${window}`} note={end.note}>
            <Price price={end.price} decimals={decimals} currency={currency} />
          </Figure>
        ))}
      </dl>
      {share !== null && (
        <div
          class="range-bar"
          role="img"
          aria-label={`The price is ${
            formatFixed(share, 0)
          } % of the way from the low to the high, ${window}`}
          style={{ "--share": `${share.toFixed(1)}%` }}
        />
      )}
    </div>
  );
}

/** How far the price is from low to high, 0 to 100; null where one is not known or they are one. */
function shareOf(low: string | null, high: string | null, price: string | null): number | null {
  if (low === null || high === null || price === null) return null;
  const height = Number(high) - Number(low);
  if (height <= 0) return null;
  // The price may be a trade that the candles of the window have not seen.
  return Math.min(100, Math.max(0, 100 * (Number(price) - Number(low)) / height));
}
