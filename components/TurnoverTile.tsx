import type { Turnover } from "../db/overview.ts";
import type { InstrumentKind } from "../market/instrument.ts";
import { formatVolume } from "./format.ts";
import { KIND_HEADINGS } from "./kinds.ts";

interface TurnoverTileProps {
  turnover: Turnover[];
  /** How many instruments of each kind have a price that is not stale. */
  counts: ReadonlyMap<InstrumentKind, number>;
  /** How many are left out as stale. */
  stale: number;
}

/** Money traded (estimated: volume times typical price), never added over currencies, and of whom it is not known. */
export function TurnoverTile({ turnover, counts, stale }: TurnoverTileProps) {
  const unknown = [...counts.keys()].filter((kind) => !turnover.some((sum) => sum.kind === kind));
  return (
    <div class="card tile turnover">
      <dt>Average turnover, 24 h</dt>
      {turnover.map(({ kind, currency, instruments, turnover24h, averageTurnover24h }) => (
        <dd key={`${kind} ${currency}`}>
          <data value={averageTurnover24h}>{formatVolume(averageTurnover24h)}</data>
          <span class="unit">{currency}</span>
          <span class="note">
            estimated, an instrument; {KIND_HEADINGS[kind]} {formatVolume(turnover24h)} in all,{" "}
            {instruments} of {counts.get(kind)} report it
          </span>
        </dd>
      ))}
      {unknown.length > 0 && (
        <dd class="note">
          {unknown.map((kind) => KIND_HEADINGS[kind]).join(", ")}: not reported
        </dd>
      )}
      {stale > 0 && <dd class="note">{stale} stale left out</dd>}
    </div>
  );
}
