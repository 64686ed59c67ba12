/** The life of a Frappe chart inside an island. */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { drawPercentBars, type PercentBars } from "./frappe.ts";

/** Draws the bars when the island comes alive and removes them when it goes. */
export function usePercentBars(bars: PercentBars): RefObject<HTMLDivElement | null> {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    let remove: (() => void) | undefined;
    if (parent.current) {
      drawPercentBars(parent.current, bars).then((removeBars) => {
        if (isGone) removeBars();
        else remove = removeBars;
      });
    }
    return () => {
      isGone = true;
      remove?.();
    };
    // The props of an island never change: a new page is a new document.
  }, []);
  return parent;
}
