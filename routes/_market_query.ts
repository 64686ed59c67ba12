/** The addresses of the market's pages: what they may be asked for. */
import { z } from "zod";
import { OVERVIEW_ORDERS, type OverviewOrder } from "../db/overview.ts";
import { firstDirection } from "../components/overview_columns.ts";
import type { RowFilter } from "../islands/row_filter.ts";
import { InstrumentKind } from "../market/instrument.ts";
import { Span } from "../market/span.ts";

/** One of some words; a form sends an empty one for "any". */
export function choice<T extends Readonly<Record<string, string>>>(values: z.ZodEnum<T>) {
  const error = `must be one of ${values.options.join(", ")}`;
  return z.string().transform((text, context) => {
    if (text === "") return undefined;
    const { data } = values.safeParse(text);
    if (data === undefined) context.addIssue(error);
    return data;
  }).optional();
}

/** The span of a page when its address says none. */
export const USUAL_SPAN: Span = "24h";

/** What the table of instruments may be asked for. */
export const TableFields = {
  /** Part of a symbol or a name. */
  q: z.string().max(60, "must have at most 60 characters").default(""),
  kind: choice(InstrumentKind),
  sort: choice(z.enum(OVERVIEW_ORDERS)),
  dir: choice(z.enum(["asc", "desc"])),
};

export const OverviewQuery = z.object({ span: choice(Span), ...TableFields });

interface TableQuery {
  q: string;
  kind?: InstrumentKind;
  sort?: OverviewOrder["by"];
  dir?: OverviewOrder["direction"];
}

/** The order that is asked for; none groups by kind. */
export function orderOf({ sort, dir }: TableQuery): OverviewOrder | undefined {
  return sort && { by: sort, direction: dir ?? firstDirection(sort) };
}

export function filterOf({ q, kind }: TableQuery): RowFilter {
  return { q, kind: kind ?? "" };
}

/** The fields as they stand in an address. */
export function tableQuery(query: TableQuery): Record<string, string | undefined> {
  const order = orderOf(query);
  return { q: query.q || undefined, kind: query.kind, sort: order?.by, dir: order?.direction };
}
