import { formatUtc } from "./format.ts";

interface PipelineHeadProps {
  id: string;
  now: Date;
  /** The page itself, to ask for it again. */
  address: string;
  /** Whether there is more on the page than what to do first. */
  hasRuns: boolean;
}

/** The title, when all this was so, and the way to its sections. */
export function PipelineHead({ id, now, address, hasRuns }: PipelineHeadProps) {
  return (
    <div id={id} class="page-head">
      <h1>Pipeline</h1>
      <p class="muted">
        As of <time dateTime={now.toISOString()}>{formatUtc(now)}</time>, times in UTC
        <a class="reload" href={address}>Reload</a>
      </p>
      {hasRuns && (
        <nav class="page-nav" aria-label="On this page">
          {[
            ["runs", "Runs"],
            ["steps", "Steps"],
            ["series", "Freshness"],
            ["gaps", "Gaps"],
            ["rejects", "Rejects"],
            ["schedule", "Next"],
          ].map(([section, name]) => <a key={section} href={`#${section}`}>{name}</a>)}
        </nav>
      )}
    </div>
  );
}
