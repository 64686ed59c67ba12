import type { ComponentChildren } from "preact";

interface FigureProps {
  /** What it is, with its window. */
  name: string;
  children: ComponentChildren;
  /** Below it: since when, from when to when. */
  note?: ComponentChildren;
}

/** One line of a list of figures. */
export function Figure({ name, children, note }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {note && <span class="note">{note}</span>}
      </dd>
    </div>
  );
}
