/** `/pipeline`: what needs attention, how it stands, the runs and their steps, what is missing, what is next. */
import { AttentionSection } from "../components/AttentionSection.tsx";
import { BackfillTable } from "../components/BackfillTable.tsx";
import { CreditDays } from "../components/CreditDays.tsx";
import { CreditTiles } from "../components/CreditTiles.tsx";
import { EmptyState } from "../components/EmptyState.tsx";
import { FirstRun } from "../components/FirstRun.tsx";
import { GapSection } from "../components/GapSection.tsx";
import { PipelineHead } from "../components/PipelineHead.tsx";
import { PipelineTiles } from "../components/PipelineTiles.tsx";
import { RejectSection } from "../components/RejectSection.tsx";
import { RunDurations } from "../components/RunDurations.tsx";
import { RunTable } from "../components/RunTable.tsx";
import { ScheduleSection } from "../components/ScheduleSection.tsx";
import { SeriesSection } from "../components/SeriesSection.tsx";
import { StepTable } from "../components/StepTable.tsx";
import RunWatch from "../islands/RunWatch.tsx";
import { createRoute, type SiteEnv } from "./_env.ts";
import {
  loadPipeline,
  type Pipeline,
  pipelinePath,
  PipelineView,
  WINDOW_DAYS,
} from "./_pipeline.ts";
import { parseQuery } from "./_query.ts";
import { describeProgress } from "./_run_state.ts";

const HEAD = "pipeline-head";
const BODY = "pipeline";

export default createRoute(async (c) => {
  const view = parseQuery(c.req.url, PipelineView, "show the pipeline");
  const pipeline = await loadPipeline(c.env, view);
  const page = {
    title: "Pipeline",
    description: "The runs of the pipeline, how new and how whole the data are, and what is next.",
    section: "pipeline",
  } as const;
  if (pipeline === null) {
    c.status(404);
    return c.render(
      <section class="card empty">
        <h1>There is no run #{view.run}</h1>
        <p>
          <a class="button" href="/pipeline">See the last runs</a>
        </p>
      </section>,
      { ...page, title: "Unknown run" },
    );
  }
  return c.render(
    <div class="watched">
      <PipelineHead
        id={HEAD}
        now={pipeline.now}
        address={pipelinePath(view)}
        hasRuns={pipeline.runs.length > 0}
      />
      <div class="run-watch">
        <RunWatch
          runs={describeProgress(pipeline.progress, pipeline.now)}
          parts={[HEAD, BODY]}
        />
      </div>
      <div id={BODY} class="sections">
        <Sections pipeline={pipeline} view={view} env={c.env} />
      </div>
    </div>,
    page,
  );
});

function Sections({ pipeline, view, env }: {
  pipeline: Pipeline;
  view: PipelineView;
  env: SiteEnv;
}) {
  const { now, status, runs, selected, steps, series, gaps, rejects, nextRuns } = pipeline;
  const { attention, credits, backfills, backfillsEndAt } = status;
  const lastDays = `last ${WINDOW_DAYS} days`;
  const isAll = view.completeness === "all";
  const windowInWords = isAll ? "whole history" : lastDays;
  const otherWindow = {
    href: `${pipelinePath({ ...view, completeness: isAll ? "30d" : "all" })}#series`,
    label: isAll ? `Only the ${lastDays}` : "The whole history",
    note: isAll ? "" : "(reads every candle: a while with many)",
  };
  const isOlder = selected !== null && !runs.some(({ id }) => id === selected.id);
  return (
    <>
      <AttentionSection items={attention} rejects={status.rejects} now={now} />
      <PipelineTiles
        lastRun={runs[0] ?? null}
        nextRunAt={nextRuns[0] ?? null}
        series={series}
        windowInWords={windowInWords}
        now={now}
      />
      {credits && <CreditTiles credits={credits} now={now} />}
      {selected === null
        ? (
          <EmptyState title="No run yet">
            <p>
              <FirstRun schedule={env.schedule} now={now} /> <code>deno task etl</code>{" "}
              starts one by hand.
            </p>
            <p>
              <a class="button" href="/pipeline">Reload</a>
            </p>
          </EmptyState>
        )
        : (
          <>
            <div class="pair">
              <RunDurations runs={runs} />
              <CreditDays days={pipeline.creditDays} perDay={env.creditPlan?.perDay} />
            </div>
            <RunTable
              runs={isOlder ? [...runs, selected] : runs}
              selectedId={selected.id}
              pathOf={(run) => `${pipelinePath({ ...view, run })}#steps`}
              now={now}
            />
            <StepTable run={selected} steps={steps} />
          </>
        )}
      <SeriesSection
        series={series}
        refusals={status.series.flatMap(({ refusal }) => refusal ?? [])}
        windowInWords={windowInWords}
        otherWindow={otherWindow}
        now={now}
      />
      <GapSection gaps={gaps} isLoaded={series.length > 0} windowInWords={lastDays} now={now} />
      {backfills.length > 0 && <BackfillTable backfills={backfills} endAt={backfillsEndAt} />}
      <div class="pair">
        <RejectSection counts={status.rejects} newest={rejects} now={now} />
        <ScheduleSection schedule={env.schedule} next={nextRuns} backfills={backfills} now={now} />
      </div>
    </>
  );
}
