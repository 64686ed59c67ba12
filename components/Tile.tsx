import type { ComponentChildren } from "preact";

interface TileProps {
  title: string;
  /** What it says in a few words, under the figure. */
  note: ComponentChildren;
  children: ComponentChildren;
}

/** One figure with its title, for a list of class `tiles`. */
export function Tile({ title, note, children }: TileProps) {
  return (
    <div class="card tile">
      <dt>{title}</dt>
      <dd>{children}</dd>
      <dd class="note">{note}</dd>
    </div>
  );
}
