/** What a page of the market shows, as its address says it. */

/** A path and its query, in the order of the address; what is as usual is not in it. */
export interface MarketView {
  path: string;
  query: Readonly<Record<string, string | undefined>>;
}

/** The address of the view with other values in its query; `undefined` takes one out. */
export function viewHref(view: MarketView, changes: MarketView["query"] = {}): string {
  const known = Object.entries({ ...view.query, ...changes })
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  return known.length === 0 ? view.path : `${view.path}?${new URLSearchParams(known)}`;
}
