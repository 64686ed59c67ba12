import type { SpanSummary } from "../db/overview.ts";

/** The counts of a summary, over one kind or several. */
export type Breadth = Pick<SpanSummary, "known" | "rising" | "falling" | "unchanged" | "stale">;

/** How many rise and fall, in words and as shares of a bar. */
export function BreadthTile({ title, breadth }: { title: string; breadth: Breadth }) {
  const { known, rising, falling, unchanged, stale } = breadth;
  const shares = [["gain", rising], ["even", unchanged], ["loss", falling]] as const;
  return (
    <div class="card tile">
      <dt>{title}</dt>
      <dd>
        <span class="up">{rising} up</span> <span class="muted">/</span>{" "}
        <span class="down">{falling} down</span>{" "}
        {unchanged > 0 && <span class="muted">/ {unchanged} even</span>}
      </dd>
      {known > 0 && (
        <dd class="shares" aria-hidden="true">
          {shares.map(([name, count]) =>
            count > 0 && <span key={name} class={name} style={{ flexGrow: count }} />
          )}
        </dd>
      )}
      <dd class="note">
        of {known} with a current change{stale > 0 && `; ${stale} stale left out`}
      </dd>
    </div>
  );
}
