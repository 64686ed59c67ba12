/** `/pipeline`: the last runs, and the steps of one. */
import { z } from "zod";
import { EmptyState } from "../components/EmptyState.tsx";
import { RunTable } from "../components/RunTable.tsx";
import { StepTable } from "../components/StepTable.tsx";
import { listRuns, listRunSteps } from "../db/runs.ts";
import { createRoute } from "./_env.ts";
import { invalidQuery, parseQuery, queryInteger } from "./_query.ts";

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
      <p class="muted">The last {RUNS_SHOWN} runs at most, newest first · times in UTC</p>
    </div>
  );
  const selected = query.run === undefined ? runs[0] : runs.find((run) => run.id === query.run);
  if (selected === undefined) {
    if (query.run !== undefined && runs.length > 0) {
      const ids = runs.map((run) => run.id);
      throw invalidQuery(
        "show the run",
        "run",
        `run must be one of the last ${ids.length} (${ids.at(-1)} to ${ids[0]})`,
        String(query.run),
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
  return c.render(
    <>
      {head}
      <RunTable runs={runs} selectedId={selected.id} now={now} />
      <StepTable run={selected} steps={steps} />
    </>,
    page,
  );
});
