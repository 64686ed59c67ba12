import type { Instrument } from "../market/instrument.ts";

interface UnknownInstrumentProps {
  slug: string;
  /** Likeliest first. */
  similar: Instrument[];
  all: Instrument[];
}

/** How many to list; the overview has the rest. */
const MOST_LISTED = 24;

/** The 404 of an instrument: what was asked for, what may have been meant, what there is. */
export function UnknownInstrument({ slug, similar, all }: UnknownInstrumentProps) {
  return (
    <section class="card empty">
      <h1>
        No instrument is called <q>{slug}</q>
      </h1>
      {similar.length > 0 && (
        <>
          <h2>Did you mean</h2>
          <InstrumentLinks instruments={similar} />
        </>
      )}
      <h2>{all.length === 0 ? "Nothing is stored yet" : "Instruments that are stored"}</h2>
      <InstrumentLinks instruments={all.slice(0, MOST_LISTED)} />
      <p>
        New instruments are added with the setting <code>SYMBOLS</code>.{" "}
        <a href="/">See the whole market.</a>
      </p>
    </section>
  );
}

function InstrumentLinks({ instruments }: { instruments: Instrument[] }) {
  return (
    <ul class="chips">
      {instruments.map(({ id, slug, symbol, name }) => (
        <li key={id}>
          <a href={`/instruments/${slug}`} title={name ?? undefined}>{symbol}</a>
        </li>
      ))}
    </ul>
  );
}
