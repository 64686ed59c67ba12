import { EmptyState } from "./EmptyState.tsx";
import { FirstRun, type FirstRunSchedule } from "./FirstRun.tsx";

interface NoCandlesProps {
  title: string;
  path: string;
  /** How many instruments are stored without candles. */
  known: number;
  schedule: FirstRunSchedule | null;
  now: Date;
}

/** A page of the market before the first candle is there. */
export function NoCandles({ title, path, known, schedule, now }: NoCandlesProps) {
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      <EmptyState title="No candles yet">
        <p>
          {known === 0
            ? "No instrument is stored yet. "
            : known === 1
            ? "1 instrument is known, and its candles are still to come. "
            : `${known} instruments are known, and their candles are still to come. `}
          <FirstRun schedule={schedule} now={now} />
        </p>
        <p>
          If it stays empty, the pipeline page says what went wrong, and <code>deno task etl</code>
          {" "}
          loads once by hand.
        </p>
        <p>
          <a class="button" href={path}>Reload</a>
          <a class="button" href="/pipeline">See the pipeline</a>
        </p>
      </EmptyState>
    </>
  );
}
