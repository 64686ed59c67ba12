import AddInstrument from "../islands/AddInstrument.tsx";
import type { Instrument } from "../market/instrument.ts";
import { StatsWindow } from "../market/stats_window.ts";
import { compareFields, comparePath, type CompareView, MOST_COMPARED } from "./compare_address.ts";
import { WINDOW_NAMES } from "./window_names.ts";

interface ComparedInstrumentsProps {
  instruments: Instrument[];
  /** Ids of those that have a line, in the order of its colours. */
  drawn: number[];
  view: CompareView;
}

/** What is compared, and over which time: each can be taken away, and others added. */
export function ComparedInstruments({ instruments, drawn, view }: ComparedInstrumentsProps) {
  const room = MOST_COMPARED - instruments.length;
  return (
    <section class="card compared" aria-label="What is compared">
      <ul class="compared-list">
        {instruments.map(({ id, slug, symbol, name }) => (
          <li key={id}>
            {drawn.includes(id) && (
              <i class="swatch" style={{ "--line": `var(--series-${drawn.indexOf(id) + 1})` }} />
            )}
            <a href={`/instruments/${slug}`} title={name ?? undefined}>{symbol}</a>
            <a
              class="remove"
              href={comparePath({ ...view, slugs: view.slugs.filter((each) => each !== slug) })}
              aria-label={`Remove ${symbol}`}
              title={`Remove ${symbol}`}
            >
              <span aria-hidden="true">✕</span>
            </a>
          </li>
        ))}
      </ul>
      {room > 0
        ? (
          <AddInstrument
            action="/compare"
            fields={compareFields(view)}
            note={`${room} more ${room === 1 ? "fits" : "fit"}`}
          />
        )
        : (
          <p class="muted">
            {MOST_COMPARED} are as many as can be told apart. Remove one to add another.
          </p>
        )}
      <nav class="segments" aria-label="Range">
        {StatsWindow.options.map((range) => (
          <a
            key={range}
            href={comparePath({ ...view, range })}
            aria-current={range === view.range ? "true" : undefined}
          >
            {WINDOW_NAMES[range]}
          </a>
        ))}
      </nav>
    </section>
  );
}
