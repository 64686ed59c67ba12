import type { OverviewRow } from "../db/overview.ts";
import { Change } from "./Change.tsx";
import { MISSING } from "./format.ts";
import { Tile } from "./Tile.tsx";

interface MoverTileProps {
  title: string;
  row?: Pick<OverviewRow, "slug" | "symbol">;
  /** Per cent. */
  change?: number | null;
  /** What stands for it when there is none. */
  none: string;
}

/** Who moved most, and by how much. */
export function MoverTile({ title, row, change = null, none }: MoverTileProps) {
  return (
    <Tile title={title} note={row ? <Change percent={change} /> : none}>
      {row ? <a href={`/instruments/${row.slug}`}>{row.symbol}</a> : MISSING}
    </Tile>
  );
}
