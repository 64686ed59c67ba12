import type { OverviewOrder } from "../db/overview.ts";
import { CHANGE_COLUMNS, firstDirection } from "./overview_columns.ts";
import { type MarketView, viewHref } from "./market_view.ts";
import { SPAN_LABELS } from "./spans.ts";

interface OverviewHeadProps {
  /** The page and what it is sorted by; null: its heads are no links. */
  sorting: { view: MarketView; order?: OverviewOrder } | null;
}

/** The heads of the overview's columns, each a link that sorts by it. */
export function OverviewHead({ sorting }: OverviewHeadProps) {
  const head = (by: OverviewOrder["by"], label: string, className = "number") => (
    <Head key={by} by={by} label={label} className={className} sorting={sorting} />
  );
  return (
    <thead id={sorting ? "instruments-head" : undefined} data-follows={sorting ? true : undefined}>
      <tr>
        <td class="starred">
          <span class="visually-hidden">Watchlist</span>
        </td>
        {head("symbol", "Instrument", "")}
        {head("price", "Price, age")}
        {CHANGE_COLUMNS.map((column) =>
          head(column.order, SPAN_LABELS[column.span], `number ${column.room} ${column.order}`)
        )}
        {head("volume_24h", "Volume 24 h", "number broader volume_24h")}
        <th scope="col" class="trend">Last 7 days</th>
      </tr>
    </thead>
  );
}

interface HeadProps {
  by: OverviewOrder["by"];
  label: string;
  className: string;
  sorting: OverviewHeadProps["sorting"];
}

function Head({ by, label, className, sorting }: HeadProps) {
  if (sorting === null) return <th scope="col" class={className}>{label}</th>;
  const { view, order } = sorting;
  const direction = order?.by === by ? order.direction : undefined;
  const next = direction === undefined ? firstDirection(by) : direction === "asc" ? "desc" : "asc";
  return (
    <th
      scope="col"
      class={className}
      aria-sort={direction && (direction === "asc" ? "ascending" : "descending")}
    >
      <a class="sort" data-live="instruments" href={viewHref(view, { sort: by, dir: next })}>
        {label}
        {direction && (
          <span class="arrow" aria-hidden="true">{direction === "asc" ? "▲" : "▼"}</span>
        )}
      </a>
    </th>
  );
}
