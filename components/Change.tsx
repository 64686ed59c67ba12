import { directionOf } from "../islands/number_locale.ts";
import { formatAmount, formatPercent, MISSING } from "./format.ts";

interface ChangeProps {
  /** Per cent; null when there is no price to compare with. */
  percent: number | null;
  /** The same in the price's currency, shown in front. */
  amount?: string;
  decimals?: number;
  /** Of the per cent. */
  percentDecimals?: number;
}

/** A change, told by sign, arrow and colour together. */
export function Change({ percent, amount, decimals = 2, percentDecimals = 2 }: ChangeProps) {
  if (percent === null) {
    return <span class="change" title="No earlier price to compare with">{MISSING}</span>;
  }
  const direction = directionOf(percent, percentDecimals);
  const arrow = { up: "▲", down: "▼", flat: "■" }[direction];
  return (
    <span class={`change ${direction}`}>
      <span class="arrow" aria-hidden="true">{arrow}</span>
      {amount !== undefined && <span class="amount">{formatAmount(amount, decimals)}</span>}
      <span>{formatPercent(percent, percentDecimals)}</span>
    </span>
  );
}
