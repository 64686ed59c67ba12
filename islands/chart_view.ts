/** What the price chart shows, as the address of its page says it: read and written in one place. */
import * as z from "zod/mini";
import { OVERLAY_NAMES, type OverlayName, PANE_NAMES, type PaneName } from "./price_chart/lines.ts";
import { RANGE_NAMES, type RangeName } from "./price_chart/ranges.ts";

export const SCALES = ["linear", "log", "percent"] as const;
const ZONES = ["exchange", "local", "utc"] as const;

export type Scale = typeof SCALES[number];
export type Zone = typeof ZONES[number];

export interface ChartView {
  /** The stretch of time that is in sight; null: as many of the newest candles as have room. */
  range: RangeName | null;
  overlays: OverlayName[];
  panes: PaneName[];
  scale: Scale;
  /** The clock of the time axis. */
  zone: Zone;
  /** Slug of the instrument beside this one. */
  compare: string | null;
}

function oneOf<const Name extends string>(names: readonly Name[]) {
  return z.enum(names as [Name, ...Name[]], { error: `must be one of ${names.join(", ")}` });
}

/** Names in any order; what is read has them in the order in which they are drawn. */
function someOf<Name extends string>(names: readonly Name[]) {
  const given = (text: string) => text.split(",").filter((name) => name !== "");
  return z.pipe(
    z.string().check(z.refine(
      (text) => given(text).every((name) => names.includes(name as Name)),
      { error: `must be names of ${names.join(", ")}, separated by commas` },
    )),
    z.transform((text) => names.filter((name) => given(text).includes(name))),
  );
}

/** The parameters of the address, each optional. */
export const VIEW_QUERY = {
  range: z.optional(oneOf(RANGE_NAMES)),
  overlays: z.optional(someOf(OVERLAY_NAMES)),
  panes: z.optional(someOf(PANE_NAMES)),
  scale: z.optional(oneOf(SCALES)),
  zone: z.optional(oneOf(ZONES)),
  compare: z.optional(
    z.string().check(
      z.regex(/^[\w.-]{1,160}$/, { error: "must be the slug of an instrument, such as BTC-USD" }),
    ),
  ),
};

const ViewQuery = z.object(VIEW_QUERY);

/** What the parsed parameters come to. */
export function viewOf(query: z.infer<typeof ViewQuery>): ChartView {
  return {
    range: query.range ?? null,
    overlays: query.overlays ?? [],
    panes: query.panes ?? [],
    scale: query.scale ?? "linear",
    zone: query.zone ?? "exchange",
    compare: query.compare ?? null,
  };
}

/** The view of a query string; one that the server would refuse shows the chart as it is by itself. */
export function parseView(search: string): ChartView {
  const query = ViewQuery.safeParse(Object.fromEntries(new URLSearchParams(search)));
  return viewOf(query.success ? query.data : {});
}

/**
 * The query string of a view, without what goes without saying.
 *
 * @param search the one that it takes the place of: parameters that are not the chart's stay.
 */
export function writeView(view: ChartView, search = ""): string {
  const others = [...new URLSearchParams(search)]
    .filter(([name]) => !Object.hasOwn(VIEW_QUERY, name));
  const own: [string, string][] = [
    ["range", view.range ?? ""],
    ["overlays", view.overlays.join(",")],
    ["panes", view.panes.join(",")],
    ["scale", view.scale === "linear" ? "" : view.scale],
    ["zone", view.zone === "exchange" ? "" : view.zone],
    ["compare", view.compare ?? ""],
  ];
  const written = [...others, ...own]
    .filter(([, value]) => value !== "")
    // A comma means itself in a query, and is read more easily so.
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`);
  return written.length === 0 ? "" : `?${written.join("&")}`;
}
