import type { OverviewRow } from "../db/analytics.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { MISSING } from "./format.ts";

/** The market in four figures. */
export function MarketTiles({ rows, now }: { rows: OverviewRow[]; now: Date }) {
  const moved = rows.filter((row) => row.change24hPercent !== null)
    .toSorted((a, b) => b.change24hPercent! - a.change24hPercent!);
  const up = moved.filter((row) => row.change24hPercent! > 0).length;
  const down = moved.filter((row) => row.change24hPercent! < 0).length;
  const newest = rows.map((row) => row.pricedAt).filter((at) => at !== null)
    .reduce<Date | null>((max, at) => (max === null || at > max ? at : max), null);
  return (
    <dl class="tiles">
      <MoverTile title="Best over 24 h" row={moved[0]} />
      <MoverTile title="Worst over 24 h" row={moved.at(-1)} />
      <div class="card tile">
        <dt>Breadth over 24 h</dt>
        <dd>
          <span class="up">{up} up</span> <span class="muted">/</span>{" "}
          <span class="down">{down} down</span>
        </dd>
        <dd class="note">of {moved.length} with a change</dd>
      </div>
      <div class="card tile">
        <dt>Newest price</dt>
        <dd>{newest === null ? MISSING : <Age at={newest} now={now} />}</dd>
        <dd class="note">among {rows.length} instruments</dd>
      </div>
    </dl>
  );
}

function MoverTile({ title, row }: { title: string; row: OverviewRow | undefined }) {
  return (
    <div class="card tile">
      <dt>{title}</dt>
      <dd>{row ? <a href={`/instruments/${row.slug}`}>{row.symbol}</a> : MISSING}</dd>
      <dd class="note">{row && <Change percent={row.change24hPercent} />}</dd>
    </div>
  );
}
