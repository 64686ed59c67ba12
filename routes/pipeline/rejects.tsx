/** `/pipeline/rejects`: the rows that did not pass, and the way to accept one by hand. */
import type { ComponentChildren } from "preact";
import { EmptyState } from "../../components/EmptyState.tsx";
import { RejectCard } from "../../components/RejectCard.tsx";
import { RejectFilter } from "../../components/RejectFilter.tsx";
import {
  candleOfReject,
  getReject,
  listRejectedInstruments,
  listRejects,
  type RejectRow,
} from "../../db/rejects.ts";
import { createRoute } from "../_env.ts";
import { parseQuery, queryInteger } from "../_query.ts";
import { rejectsPath, RejectsView } from "../_rejects.ts";

const Query = RejectsView.extend({ accepted: queryInteger(1, 999_999_999).optional() });
const PAGE_SIZE = 20;

export default createRoute(async (c) => {
  const { accepted: acceptedId, ...view } = parseQuery(c.req.url, Query, "list rejects");
  const { sql, source } = c.env;
  const now = c.env.now();
  const instruments = await listRejectedInstruments(sql, source);
  const page = { slug: view.instrument, before: view.before, limit: PAGE_SIZE + 1 };
  const found = await listRejects(sql, source, page);
  const rejects = found.slice(0, PAGE_SIZE);
  const accepted = acceptedId === undefined ? null : await getReject(sql, source, acceptedId);
  const last = rejects.at(-1);
  return c.render(
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/pipeline">Pipeline</a> <span aria-hidden="true">/</span> Rejects
          </p>
          <h1>Rejected rows</h1>
        </div>
        <p class="muted">Rows that did not pass the checks, newest first · times in UTC</p>
      </div>
      {accepted?.acceptedAt && <Accepted reject={accepted} />}
      {instruments.length > 0 && (
        <RejectFilter instruments={instruments} chosen={view.instrument} />
      )}
      {rejects.map((reject) => {
        const made = candleOfReject(reject, now);
        return (
          <RejectCard
            key={reject.id}
            reject={reject}
            obstacle={"why" in made ? made.why : null}
            view={view}
            now={now}
          />
        );
      })}
      {last === undefined && <NothingHere view={view} />}
      {last && (view.before !== undefined || found.length > PAGE_SIZE) && (
        <nav class="pages" aria-label="Pages of rejects">
          {view.before !== undefined && (
            <a class="button" href={rejectsPath({ instrument: view.instrument })}>Newest</a>
          )}
          {found.length > PAGE_SIZE && (
            <a class="button" rel="next" href={rejectsPath({ ...view, before: last.id })}>Older</a>
          )}
        </nav>
      )}
    </>,
    {
      title: "Rejected rows",
      description: "Every row of the provider that did not pass, with the reason.",
      section: "pipeline",
    },
  );
});

function Accepted({ reject }: { reject: RejectRow }) {
  return (
    <p class="card message" role="status">
      Reject #{reject.id} is accepted: its values became the final candle of its time.
    </p>
  );
}

function NothingHere({ view }: { view: RejectsView }) {
  if (view.before !== undefined) {
    return <EmptyState title="No older rejects">{seeAll("See the newest")}</EmptyState>;
  }
  if (view.instrument !== undefined) {
    return (
      <EmptyState title="No rejects of this instrument">
        <p>
          Every row of <code>{view.instrument}</code> passed, or there is no such instrument.
        </p>
        {seeAll("See all rejects")}
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No row was ever rejected">
      <p>
        Each row that comes in is checked: its numbers, its time, and the rules of a candle, such as
        the high being the highest. What does not pass is kept here with its reason, while the good
        rows load.
      </p>
      <p>
        <a class="button" href="/pipeline">See the pipeline</a>
      </p>
    </EmptyState>
  );
}

function seeAll(label: string): ComponentChildren {
  return (
    <p>
      <a class="button" href={rejectsPath({})}>{label}</a>
    </p>
  );
}
