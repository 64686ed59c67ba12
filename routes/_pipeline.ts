/** What `/pipeline` may be asked for, and what it shows then. */
import { z } from "zod";
import { type CreditDay, listCreditDays } from "../db/credit_days.ts";
import { type Gap, listGaps } from "../db/gaps.ts";
import { listRejects, type RejectRow } from "../db/rejects.ts";
import { getProgress, type Progress } from "../db/run_progress.ts";
import { getRun, listRuns, listRunSteps, type RunRow, type RunStepRow } from "../db/runs.ts";
import { listSeriesHealth, type SeriesHealth } from "../db/series_health.ts";
import { getStatus, type Status } from "../db/status.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { SiteEnv } from "./_env.ts";
import { queryInteger } from "./_query.ts";

/** The part of the pipeline that a page shows. */
export const PipelineView = z.object({
  /** The run whose steps it shows; the newest when absent. */
  run: queryInteger(1, 999_999_999).optional(),
  /** Over what completeness is counted. */
  completeness: z.enum(["30d", "all"], { error: "must be 30d or all" }).default("30d"),
});
export type PipelineView = z.infer<typeof PipelineView>;

/** All that the page shows, as of `now`. */
export interface Pipeline {
  now: Date;
  status: Status;
  progress: Progress;
  /** The newest first. */
  runs: RunRow[];
  /** The run whose steps are shown; null before the first. */
  selected: RunRow | null;
  /** Those of the selected run. */
  steps: RunStepRow[];
  series: SeriesHealth[];
  /** Of the last {@linkcode WINDOW_DAYS} days. */
  gaps: Gap[];
  /** Of the last {@linkcode WINDOW_DAYS} days, oldest first. */
  creditDays: CreditDay[];
  /** The newest few. */
  rejects: RejectRow[];
  /** The next starts by the schedule. */
  nextRuns: Date[];
}

/** How far back gaps, credits and completeness are shown. */
export const WINDOW_DAYS = 30;
const RUNS_SHOWN = 40;
const REJECTS_SHOWN = 5;
const STARTS_SHOWN = 3;

/** The page's data; null when the source has no run of that number. */
export async function loadPipeline(env: SiteEnv, view: PipelineView): Promise<Pipeline | null> {
  const { sql, source, creditPlan, estimateEnd, schedule } = env;
  const now = env.now();
  const runs = await listRuns(sql, source, RUNS_SHOWN);
  const selected = view.run === undefined
    ? runs[0] ?? null
    : runs.find(({ id }) => id === view.run) ?? await getRun(sql, source, view.run);
  if (view.run !== undefined && selected === null) return null;
  const from = new Date(now.getTime() - WINDOW_DAYS * DAY_MS);
  const firstDay = new Date(now.getTime() - (WINDOW_DAYS - 1) * DAY_MS);
  return {
    now,
    status: await getStatus(sql, source, now, creditPlan, estimateEnd),
    progress: await getProgress(sql, source),
    runs,
    selected,
    steps: selected ? await listRunSteps(sql, selected.id) : [],
    series: await listSeriesHealth(sql, source, now, view.completeness === "all" ? null : from),
    gaps: await listGaps(sql, { source, from, to: now, now }),
    creditDays: await listCreditDays(sql, source, firstDay, now),
    rejects: await listRejects(sql, source, { limit: REJECTS_SHOWN }),
    nextRuns: schedule?.next(STARTS_SHOWN) ?? [],
  };
}

/** The address of a part of the pipeline. */
export function pipelinePath({ run, completeness = "30d" }: Partial<PipelineView>): string {
  const query = new URLSearchParams();
  if (run !== undefined) query.set("run", String(run));
  if (completeness !== "30d") query.set("completeness", completeness);
  return `/pipeline${query.size > 0 ? `?${query}` : ""}`;
}
