/** `/pipeline`: what needs attention, credits, backfills, the last runs, and the steps of one. */
import { z } from "zod";
import { AttentionSection } from "../components/AttentionSection.tsx";
import { BackfillTable } from "../components/BackfillTable.tsx";
import { CreditTiles } from "../components/CreditTiles.tsx";
import { EmptyState } from "../components/EmptyState.tsx";
import { RunTable } from "../components/RunTable.tsx";
import { StepTable } from "../components/StepTable.tsx";
import { getRun, listRuns, listRunSteps } from "../db/runs.ts";
import { getStatus } from "../db/status.ts";
import { createRoute } from "./_env.ts";
import { parseQuery, queryInteger } from "./_query.ts";

const Query = z.object({ run: queryInteger(1, 999_999_999).optional() });
const RUNS_SHOWN = 20;

export default createRoute(async (c) => {
  const query = parseQuery(c.req.url, Query, "show the run");
  const now = c.env.now();
  const runs = await listRuns(c.env.sql, c.env.source, RUNS_SHOWN);
  const page = {
    title: "Pipeline",
    description: "The last runs of the pipeline and what each of their steps did.",
    section: "pipeline",
  } as const;
  const head = (
    <div class="page-head">
      <h1>Pipeline</h1>
      <p class="muted">What needs attention, and the last {RUNS_SHOWN} runs · times in UTC</p>
    </div>
  );
  const recent = runs.find(({ id }) => query.run === undefined || id === query.run) ?? null;
  const older = query.run === undefined || recent
    ? null
    : await getRun(c.env.sql, c.env.source, query.run);
  const selected = recent ?? older;
  if (selected === null) {
    if (query.run !== undefined) {
      c.status(404);
      return c.render(
        <section class="card empty">
          <h1>There is no run #{query.run}</h1>
          <p>
            <a class="button" href="/pipeline">See the last runs</a>
          </p>
        </section>,
        { ...page, title: "Unknown run" },
      );
    }
    return c.render(
      <>
        {head}
        <EmptyState title="No run yet">
          <p>
            The first one starts with the site and then one follows each hour.{" "}
            <code>deno task etl</code> starts one by hand.
          </p>
          <p>
            <a class="button" href="/pipeline">Reload</a>
          </p>
        </EmptyState>
      </>,
      page,
    );
  }
  const steps = await listRunSteps(c.env.sql, selected.id);
  const { sql, source, creditPlan, estimateEnd } = c.env;
  const status = await getStatus(sql, source, now, creditPlan, estimateEnd);
  const { attention, rejects, credits, backfills, backfillsEndAt } = status;
  return c.render(
    <>
      {head}
      <AttentionSection items={attention} rejects={rejects} now={now} />
      {credits && <CreditTiles credits={credits} now={now} />}
      {backfills.length > 0 && <BackfillTable backfills={backfills} endAt={backfillsEndAt} />}
      <RunTable runs={older ? [...runs, older] : runs} selectedId={selected.id} now={now} />
      <StepTable run={selected} steps={steps} />
    </>,
    page,
  );
});
