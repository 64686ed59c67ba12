import { formatPrice, MISSING } from "./format.ts";

interface PriceProps {
  /** Exact decimal; null when nothing is stored yet. */
  price: string | null;
  decimals: number;
  currency: string | null;
}

/** A price with its currency; the `data` element carries the exact decimal. */
export function Price({ price, decimals, currency }: PriceProps) {
  if (price === null) return <span class="price">{MISSING}</span>;
  return (
    <span class="price">
      <data value={price}>{formatPrice(price, decimals)}</data>
      {currency !== null && <span class="unit">{currency}</span>}
    </span>
  );
}
