/** Which lines of a class a chart shows, and what they are called. */
import type { ClassMember, ClassPoint, ClassReturn } from "../db/class_page.ts";
import type { InstrumentKind } from "../market/instrument.ts";
import { KIND_HEADINGS } from "./kinds.ts";

/** As many as colours tell apart. */
const MOST_LINES = 8;

/** The kinds whose mean is a line of its own: those of several members. */
export function listMeanKinds(members: ClassMember[]): InstrumentKind[] {
  const kinds = [...new Set(members.map(({ kind }) => kind))];
  return kinds.filter((kind) => members.filter((one) => one.kind === kind).length > 1).sort();
}

/** All of them while there is room beside the means, else the best and the worst, in their order. */
export function chooseLines(returns: ClassReturn[], meanCount: number): ClassReturn[] {
  const room = MOST_LINES - meanCount;
  if (returns.length <= room) return returns;
  const best = Math.ceil(room / 2);
  return [...returns.slice(0, best), ...returns.slice(best - room)];
}

/** The means first, then the lines. */
export function lineSeries(
  points: ClassPoint[],
  meanKinds: InstrumentKind[],
  lines: ClassReturn[],
): { name: string; values: (number | null)[] }[] {
  return [
    ...meanKinds.map((kind) => ({
      name: `Mean of ${KIND_HEADINGS[kind].toLowerCase()}`,
      values: points.map(({ means }) => rounded(means[kind])),
    })),
    ...lines.map(({ instrumentId, symbol }) => ({
      name: symbol,
      values: points.map(({ values }) => rounded(values[instrumentId])),
    })),
  ];
}

/** A chart needs no more, and a page carries each digit. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(3));
}
