/** The life of a chart inside an island. */
import { type ComponentChild, h, type RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface DrawnChart {
  /** Where it is drawn. */
  parent: RefObject<HTMLDivElement | null>;
  /** Stands in its place when it did not load, or could not be drawn. */
  failure: ComponentChild;
}

/**
 * Draws when the island comes alive, and removes what was drawn when it goes. The props of an island never
 * change: a new page is a new document.
 */
export function useChart(draw: (parent: HTMLDivElement) => Promise<() => void>): DrawnChart {
  const parent = useRef<HTMLDivElement>(null);
  const [isFailed, setFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    let remove: (() => void) | undefined;
    if (parent.current) {
      draw(parent.current).then((removeChart) => {
        if (isGone) removeChart();
        else remove = removeChart;
      }).catch((error) => {
        console.error(error);
        setFailed(true);
      });
    }
    return () => {
      isGone = true;
      remove?.();
    };
  }, []);
  const failure = isFailed
    ? h(
      "p",
      { class: "chart-note", role: "status" },
      "The chart did not load; the table has the same values.",
    )
    : null;
  return { parent, failure };
}
