/** The query of the comparison page, as components/compare_address.ts writes it. */
import { z } from "zod";
import {
  DEFAULT_RANGE,
  DEFAULT_WINDOW,
  MOST_COMPARED,
  ROLLING_WINDOWS,
} from "../components/compare_address.ts";
import { StatsWindow } from "../market/stats_window.ts";
import { SearchField } from "./_search.ts";

/** Slugs, and symbols as their venue writes them. */
const NAME = /^[\w./:&^=-]{1,160}$/;
const NAMES_RULE = "must be slugs or symbols with commas between, such as AAPL,BTC-USD";

export const CompareQuery = z.object({
  symbols: z.string().default("")
    .transform((text) => text.split(",").map((name) => name.trim()).filter(Boolean))
    .refine((names) => names.every((name) => NAME.test(name)), NAMES_RULE)
    .transform((names) => [...new Set(names)])
    .refine(
      ({ length }) => length <= MOST_COMPARED,
      `must be at most ${MOST_COMPARED} instruments`,
    ),
  range: StatsWindow.default(DEFAULT_RANGE),
  pair: z.string().transform((text) => text.split(","))
    .refine((names) => names.length === 2 && names.every((name) => NAME.test(name)), {
      error: "must be two of the symbols with a comma between",
    })
    .optional(),
  window: z.enum(ROLLING_WINDOWS, { error: `must be one of ${ROLLING_WINDOWS.join(", ")}` })
    .default(DEFAULT_WINDOW),
  /** What the form adds to the others: typed by a person, so the name of a company too. */
  add: SearchField.default(""),
});
