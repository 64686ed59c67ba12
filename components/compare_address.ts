/** The address of a comparison: what it may be asked for, and how it is written. */
import type { StatsWindow } from "../market/stats_window.ts";

/** How far back a comparison looks when its address does not say. */
export const DEFAULT_RANGE: StatsWindow = "1y";

/** Common daily returns that one point of a rolling correlation may stand for. */
export const ROLLING_WINDOWS = ["30", "60", "90"] as const;
type RollingWindow = typeof ROLLING_WINDOWS[number];
export const DEFAULT_WINDOW: RollingWindow = "30";

/** Lines that can be told apart. */
export const MOST_COMPARED = 8;

/** One comparison; slugs stand for instruments, in the order in which they were added. */
export interface CompareView {
  slugs: string[];
  range: StatsWindow;
  /** Whose rolling correlation was asked for; null: the first two. */
  pair: [string, string] | null;
  window: RollingWindow;
}

/** The view as the fields of its query, without what a view has by itself. */
export function compareFields({ slugs, range, pair, window }: CompareView): [string, string][] {
  const isPairThere = pair?.every((slug) => slugs.includes(slug)) ?? false;
  return [
    ...slugs.length > 0 ? [["symbols", slugs.join(",")] as [string, string]] : [],
    ...range !== DEFAULT_RANGE ? [["range", range] as [string, string]] : [],
    ...pair && isPairThere ? [["pair", pair.join(",")] as [string, string]] : [],
    ...window !== DEFAULT_WINDOW ? [["window", window] as [string, string]] : [],
  ];
}

/** The address of a view. Nothing that a slug or a comma holds needs an escape. */
export function comparePath(view: CompareView): string {
  const query = compareFields(view).map(([name, value]) => `${name}=${value}`).join("&");
  return query === "" ? "/compare" : `/compare?${query}`;
}
