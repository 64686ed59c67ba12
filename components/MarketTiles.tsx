import { isStale, type OverviewRow, type StalePrice, type Turnover } from "../db/overview.ts";
import type { InstrumentKind } from "../market/instrument.ts";
import type { Span } from "../market/span.ts";
import { Age } from "./Age.tsx";
import { type Breadth, BreadthTile } from "./BreadthTile.tsx";
import { counted, MISSING } from "./format.ts";
import { MoverTile } from "./MoverTile.tsx";
import { changeOver, rankOver, SPAN_LABELS } from "./spans.ts";
import { Tile } from "./Tile.tsx";
import { TurnoverTile } from "./TurnoverTile.tsx";

interface MarketTilesProps {
  rows: OverviewRow[];
  stale: StalePrice[];
  /** Over `span`. */
  breadth: Breadth;
  turnover: Turnover[];
  span: Span;
  now: Date;
}

/** The market in a few figures. No stale price is the best or the worst. */
export function MarketTiles(props: MarketTilesProps) {
  const { rows, stale, breadth, turnover, span, now } = props;
  const current = rows.filter((row) => !isStale(row, stale));
  const best = rankOver(current, span)[0];
  const day = rankOver(current, "24h");
  const gainer = day.find((row) => row.change24hPercent! > 0);
  const loser = day.findLast((row) => row.change24hPercent! < 0);
  const newest = rows.map((row) => row.pricedAt).filter((at) => at !== null)
    .reduce<Date | null>((max, at) => (max === null || at > max ? at : max), null);
  const counts = new Map<InstrumentKind, number>();
  for (const { kind } of current) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return (
    <dl class="tiles">
      {/* Where nothing rose the best one has lost least. */}
      {(span !== "24h" || !gainer) && (
        <MoverTile
          title={`Best performer, ${SPAN_LABELS[span]}`}
          row={best}
          change={best && changeOver(best, span)}
          none="no current change is known"
        />
      )}
      <MoverTile
        title={span === "24h" && gainer
          ? "Best performer and top gainer, 24 h"
          : "Top gainer, 24 h"}
        row={gainer}
        change={gainer?.change24hPercent}
        none="nothing rose"
      />
      <MoverTile
        title="Top loser, 24 h"
        row={loser}
        change={loser?.change24hPercent}
        none="nothing fell"
      />
      <BreadthTile title={`Breadth, ${SPAN_LABELS[span]}`} breadth={breadth} />
      <TurnoverTile turnover={turnover} counts={counts} stale={stale.length} />
      <Tile
        title="Newest price"
        note={`of ${counted(rows.length, "instrument")}, ${stale.length || "none"} stale`}
      >
        {newest === null ? MISSING : <Age at={newest} now={now} />}
      </Tile>
    </dl>
  );
}
