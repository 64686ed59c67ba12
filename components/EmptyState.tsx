import type { ComponentChildren } from "preact";

/** What stands where there is nothing to show yet: why, and what to do. */
export function EmptyState({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="card empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
