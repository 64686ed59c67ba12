import type { ComponentChildren } from "preact";

/** What stands for a chart in a browser without JavaScript; `children` say where its numbers are. */
export function ChartNeedsScript({ children }: { children: ComponentChildren }) {
  return (
    <noscript>
      <p class="chart-note">The chart needs JavaScript; {children}.</p>
    </noscript>
  );
}
