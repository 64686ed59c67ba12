/** The life of a chart inside an island. */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Draws when the island comes alive, and removes what was drawn when it goes. The props of an island never
 * change: a new page is a new document.
 */
export function useChart(
  draw: (parent: HTMLDivElement) => Promise<() => void>,
): RefObject<HTMLDivElement | null> {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    let remove: (() => void) | undefined;
    if (parent.current) {
      draw(parent.current).then((removeChart) => {
        if (isGone) removeChart();
        else remove = removeChart;
      });
    }
    return () => {
      isGone = true;
      remove?.();
    };
  }, []);
  return parent;
}
