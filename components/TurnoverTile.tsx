import type { Turnover } from "../db/overview.ts";
import type { InstrumentKind } from "../market/instrument.ts";
import { formatVolume } from "./format.ts";
import { KIND_HEADINGS } from "./kinds.ts";

interface TurnoverTileProps {
  turnover: Turnover[];
  /** How many instruments of each kind there are. */
  counts: ReadonlyMap<InstrumentKind, number>;
}

/** Money traded, never added over currencies, and of whom it is not known. */
export function TurnoverTile({ turnover, counts }: TurnoverTileProps) {
  const unknown = [...counts.keys()].filter((kind) => !turnover.some((sum) => sum.kind === kind));
  return (
    <div class="card tile turnover">
      <dt>Average volume, 24 h</dt>
      {turnover.map(({ kind, currency, instruments, turnover24h, averageTurnover24h }) => (
        <dd key={`${kind} ${currency}`}>
          <data value={averageTurnover24h}>{formatVolume(averageTurnover24h)}</data>
          <span class="unit">{currency}</span>
          <span class="note">
            an instrument; {KIND_HEADINGS[kind]} {formatVolume(turnover24h)} in all, {instruments}
            {" "}
            of {counts.get(kind)} report it
          </span>
        </dd>
      ))}
      {unknown.length > 0 && (
        <dd class="note">
          {unknown.map((kind) => KIND_HEADINGS[kind]).join(", ")}: not reported
        </dd>
      )}
    </div>
  );
}
