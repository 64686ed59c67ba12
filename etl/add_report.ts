/** What became of a symbol that was to be added, in words: for a terminal. */
import Table from "cli-table3";
import type { AddResult } from "./instruments.ts";
import type { SymbolMatch } from "./provider.ts";

/** One line for what was added; what there is to choose from where it was not, without the error itself. */
export function describeAdded(result: AddResult): string {
  switch (result.status) {
    case "ambiguous":
      return tableOf(result.choices, ["add it with"], ({ command }) => [command]);
    case "unknown":
      return result.similar.length === 0
        ? ""
        : `Similar to ${result.asked}:\n${tableOf(result.similar, [], () => [])}`;
    case "failed":
      return "";
    default: {
      const { symbol, name, exchange, micCode, pinnedMicCode } = result.instrument;
      const pinned = pinnedMicCode ? `, pinned to ${pinnedMicCode}` : "";
      const place = [exchange, micCode].filter(Boolean).join(" ");
      const became = {
        added: "added",
        reactivated: "active again",
        already_there: "there already",
      };
      const details = [name, place].filter(Boolean).join(", ");
      return `${symbol} is ${became[result.status]}: ${details}${pinned}`;
    }
  }
}

function tableOf<T extends SymbolMatch>(
  listings: T[],
  moreHeads: string[],
  moreCells: (listing: T) => string[],
): string {
  const table = new Table({
    head: ["symbol", "name", "kind", "exchange", "mic", "country", "currency", ...moreHeads],
    style: { head: [], border: [], compact: true },
  });
  for (const listing of listings) {
    const { symbol, name, kind, exchange, micCode, country, currency } = listing;
    table.push([
      ...[symbol, name, kind ?? "", exchange, micCode, country, currency],
      ...moreCells(listing),
    ]);
  }
  return table.toString();
}
