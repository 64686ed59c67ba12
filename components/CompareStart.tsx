import AddInstrument from "../islands/AddInstrument.tsx";
import type { Instrument } from "../market/instrument.ts";
import { compareFields, comparePath, type CompareView, MOST_COMPARED } from "./compare_address.ts";
import { EmptyState } from "./EmptyState.tsx";
import { KIND_HEADINGS, KINDS } from "./kinds.ts";

interface CompareStartProps {
  /** Everything that is stored. */
  instruments: Instrument[];
  /** Those of the watchlist, in its order. */
  watched: Instrument[];
  view: CompareView;
}

interface Suggestion {
  label: string;
  slugs: string[];
}

/** Where a comparison begins: with a symbol, with the watchlist, or with what others look at. */
export function CompareStart({ instruments, watched, view }: CompareStartProps) {
  if (instruments.length === 0) {
    return (
      <EmptyState title="Nothing is stored yet">
        <p>
          Instruments appear with the first run of the pipeline.{" "}
          <a href="/pipeline">See the last runs.</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <section class="card empty compare-start" aria-labelledby="begin">
      <h2 id="begin">What do you want to compare?</h2>
      <AddInstrument
        action="/compare"
        fields={compareFields(view)}
        note={`Up to ${MOST_COMPARED} at a time`}
      />
      {watched.length > 1 && (
        <Suggestions
          title="Your watchlist"
          suggestions={[{
            label: symbolsOf(watched.slice(0, MOST_COMPARED)),
            slugs: watched.slice(0, MOST_COMPARED).map(({ slug }) => slug),
          }]}
          view={view}
        />
      )}
      <Suggestions title="To try" suggestions={listSuggestions(instruments)} view={view} />
    </section>
  );
}

function Suggestions({ title, suggestions, view }: {
  title: string;
  suggestions: Suggestion[];
  view: CompareView;
}) {
  if (suggestions.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="chips">
        {suggestions.map(({ label, slugs }) => (
          <li key={label}>
            <a href={comparePath({ ...view, slugs })}>{label}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The first of each two kinds, the first two of each kind, and all of each kind. */
function listSuggestions(instruments: Instrument[]): Suggestion[] {
  const groups = KINDS
    .map((kind) => ({ kind, members: instruments.filter((each) => each.kind === kind) }))
    .filter(({ members }) => members.length > 0);
  const leads = groups.map(({ members }) => members[0]!);
  const pairs = [
    ...leads.slice(1).map((lead) => [leads[0]!, lead]),
    ...groups.map(({ members }) => members.slice(0, 2)),
  ].filter((pair) => pair.length === 2);
  return [
    ...pairs.map((pair) => ({
      label: symbolsOf(pair),
      slugs: pair.map(({ slug }) => slug),
    })),
    ...groups.filter(({ members }) => members.length > 2).map(({ kind, members }) => ({
      label: members.length > MOST_COMPARED
        ? `${KIND_HEADINGS[kind]}, the first ${MOST_COMPARED}`
        : `All ${KIND_HEADINGS[kind].toLowerCase()}`,
      slugs: members.slice(0, MOST_COMPARED).map(({ slug }) => slug),
    })),
  ];
}

function symbolsOf(instruments: Instrument[]): string {
  return new Intl.ListFormat("en").format(instruments.map(({ symbol }) => symbol));
}
