/** The columns of the overview that have a number, in their order. */
import type { OverviewOrder } from "../db/overview.ts";
import type { Span } from "../market/span.ts";
import { SPAN_LABELS } from "./spans.ts";

type OrderBy = OverviewOrder["by"];

/** The order that a change over a span is. */
const SPAN_ORDERS = {
  "1h": "change_1h",
  "24h": "change_24h",
  "7d": "change_7d",
  "30d": "change_30d",
  "ytd": "change_ytd",
  "1y": "change_1y",
} as const satisfies Record<Span, OrderBy>;

/** A column of a change, and the class that says how wide a page must be to have room for it. */
export const CHANGE_COLUMNS: readonly { span: Span; order: OrderBy; room: string }[] = [
  { span: "1h", order: SPAN_ORDERS["1h"], room: "roomy" },
  { span: "24h", order: SPAN_ORDERS["24h"], room: "broad" },
  { span: "7d", order: SPAN_ORDERS["7d"], room: "broad" },
  { span: "30d", order: SPAN_ORDERS["30d"], room: "broader" },
  { span: "ytd", order: SPAN_ORDERS.ytd, room: "roomy" },
  { span: "1y", order: SPAN_ORDERS["1y"], room: "roomy" },
];

/** Every order with the words of a list to choose from. */
export const ORDER_WORDS: readonly { by: OrderBy; words: string }[] = [
  { by: "symbol", words: "Symbol" },
  { by: "price", words: "Price" },
  ...CHANGE_COLUMNS.map(({ span, order }) => ({ by: order, words: `Change ${SPAN_LABELS[span]}` })),
  { by: "volume_24h", words: "Volume 24 h" },
];

/** The column that a page of any width shows: what it is sorted by, else the page's span. */
export function keyColumn(span: Span, order: OverviewOrder | undefined): OrderBy {
  const by = order?.by;
  return by === undefined || by === "symbol" || by === "price" ? SPAN_ORDERS[span] : by;
}

/** The direction of the first click: letters go up, numbers come down. */
export function firstDirection(by: OrderBy): OverviewOrder["direction"] {
  return by === "symbol" ? "asc" : "desc";
}
