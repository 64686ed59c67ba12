import { Fragment } from "preact";
import { type AttentionItem, RECENT_DAYS } from "../db/attention.ts";
import type { Status } from "../db/status.ts";
import { Age } from "./Age.tsx";
import { counted, formatCount } from "./format.ts";

/**
 * A page of problems helps nobody; the command line lists all of them. Counted by kind, as the many of
 * one (a plan that gates every symbol) must not hide the others.
 */
const MOST_OF_A_KIND = 4;

const TONES: Record<AttentionItem["kind"], { tone: string; word: string }> = {
  run: { tone: "bad", word: "failed run" },
  empty: { tone: "info", word: "empty" },
  refused: { tone: "warn", word: "refused" },
  stale: { tone: "warn", word: "stale" },
  gaps: { tone: "warn", word: "gaps" },
  split: { tone: "warn", word: "split?" },
  rejects: { tone: "info", word: "rejects" },
};

interface AttentionSectionProps {
  items: AttentionItem[];
  rejects: Status["rejects"];
  now: Date;
}

/** What needs a person, and how to mend it; one calm sentence when nothing does. */
export function AttentionSection({ items, rejects, now }: AttentionSectionProps) {
  const kinds = Map.groupBy(items, ({ kind }) => kind);
  return (
    <section class="card" aria-labelledby="attention">
      <header class="card-head">
        <h2 id="attention">{items.length === 0 ? "Nothing needs attention" : "Needs attention"}</h2>
        <p class="muted">
          {items.length === 0 &&
            `No series is known to be overdue, and no gap of the last ${RECENT_DAYS} days is to be repaired. `}
          <RejectLink count={rejects.all} />
        </p>
      </header>
      {items.length > 0 && (
        <ul class="attention">
          {[...kinds].map(([kind, all]) => (
            <Fragment key={kind}>
              {all.slice(0, MOST_OF_A_KIND).map((item) => (
                <li key={item.subject}>
                  <Item item={item} now={now} />
                </li>
              ))}
              {all.length > MOST_OF_A_KIND && (
                <More kind={kind} count={all.length - MOST_OF_A_KIND} />
              )}
            </Fragment>
          ))}
        </ul>
      )}
    </section>
  );
}

function Item({ item: { kind, subject, problem, since, command }, now }: {
  item: AttentionItem;
  now: Date;
}) {
  const { tone, word } = TONES[kind];
  return (
    <>
      <span class={`badge ${tone}`}>{word}</span>
      <p>
        <strong>{subject}</strong>: {problem} {since !== null && (
          <span class="muted">
            · <Age at={since} now={now} />
          </span>
        )}
      </p>
      {command !== null && <code>{command}</code>}
      {kind === "rejects" && <a href="/pipeline/rejects">See them</a>}
    </>
  );
}

function More({ kind, count }: { kind: AttentionItem["kind"]; count: number }) {
  const { tone, word } = TONES[kind];
  return (
    <li>
      <span class={`badge ${tone}`}>{word}</span>
      <p>and {formatCount(count)} more</p>
      <code>deno task etl status</code>
    </li>
  );
}

function RejectLink({ count }: { count: number }) {
  if (count === 0) return <a href="/pipeline/rejects">Rejected rows</a>;
  return (
    <>
      <a href="/pipeline/rejects">{counted(count, "rejected row")}</a> not accepted
    </>
  );
}
