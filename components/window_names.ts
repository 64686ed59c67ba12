/** Windows of daily candles as labels. */
import type { StatsWindow } from "../market/stats_window.ts";

/** On the button that chooses it. */
export const WINDOW_NAMES: Record<StatsWindow, string> = {
  "30d": "30 days",
  "90d": "90 days",
  "1y": "1 year",
  "3y": "3 years",
  "all": "All",
};
