import type { RunRow } from "../db/runs.ts";
import type { SeriesHealth } from "../db/series_health.ts";
import { Age } from "./Age.tsx";
import { completenessOf, formatShare } from "./completeness.ts";
import { counted, formatAge, formatCount, formatDuration, formatUtc, MISSING } from "./format.ts";
import { StatusBadge } from "./StatusBadge.tsx";
import { Tile } from "./Tile.tsx";

interface PipelineTilesProps {
  /** The run that began last; null before the first. */
  lastRun: RunRow | null;
  /** The next start by itself; null when there is none. */
  nextRunAt: Date | null;
  series: SeriesHealth[];
  /** Words for the window of completeness: `last 30 days`. */
  windowInWords: string;
  now: Date;
}

/** How the pipeline stands, in four figures. */
export function PipelineTiles(
  { lastRun, nextRunAt, series, windowInWords, now }: PipelineTilesProps,
) {
  const count = (...wanted: SeriesHealth["freshness"][]) =>
    series.filter(({ freshness }) => wanted.includes(freshness)).length;
  const stale = count("stale");
  const { percent, missingCandles } = completenessOf(series);
  return (
    <section aria-labelledby="standing">
      <h2 id="standing" class="visually-hidden">How it stands</h2>
      <dl class="tiles four">
        <Tile title="Last run" note={lastRun === null ? "none yet" : lastRunNote(lastRun)}>
          {lastRun === null ? MISSING : (
            <>
              <Age at={lastRun.startedAt} now={now} /> <StatusBadge status={lastRun.status} />
            </>
          )}
        </Tile>
        <Tile
          title="Next run"
          note={nextRunAt === null ? "nothing starts one" : `${formatUtc(nextRunAt)} UTC`}
        >
          {nextRunAt === null ? MISSING : `in ${formatAge(now, nextRunAt)}`}
        </Tile>
        <Tile
          title="Series as new as can be"
          note={stale === 0
            ? series.length === 0 ? "none is loaded" : "none is stale"
            : <span class="warn">{formatCount(stale)} stale</span>}
        >
          {series.length === 0
            ? MISSING
            : `${formatCount(count("fresh", "market_closed"))} of ${formatCount(series.length)}`}
        </Tile>
        <Tile
          title={`Completeness, ${windowInWords}`}
          note={percent === null
            ? "nothing to count against"
            : `${counted(missingCandles, "candle")} missing`}
        >
          {percent === null ? MISSING : formatShare(percent)}
        </Tile>
      </dl>
    </section>
  );
}

function lastRunNote({ id, status, durationMs, ...run }: RunRow): string {
  const ended = run.stepsOk + run.stepsFailed + run.stepsSkipped;
  const steps = status === "running" ? `${ended} steps so far` : `${run.stepsOk} of ${ended} steps`;
  return `#${id}${durationMs === null ? "" : `, took ${formatDuration(durationMs)}`}, ${steps}`;
}
