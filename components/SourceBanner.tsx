import type { Source } from "../market/instrument.ts";

/** Sources in words. */
export const SOURCES: Record<Source, string> = {
  simulator: "Simulated data",
  twelve_data: "Twelve Data",
  import: "Imported data",
};

/** Says on every page where the numbers come from, so that invented ones are never taken for real. */
export function SourceBanner({ source, note }: { source: Source; note: string }) {
  return (
    <aside class={`banner ${source}`} aria-label="Data source">
      <p>
        <strong>{SOURCES[source]}</strong>
        <span>
          Prices are {note}
          {source === "simulator" && (
            <>
              {" "}For real ones, put a key into <code>.env</code> and start again.
            </>
          )}
        </span>
      </p>
    </aside>
  );
}
