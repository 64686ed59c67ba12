import type { Instrument } from "../market/instrument.ts";
import { comparePath, type CompareView } from "./compare_address.ts";

interface UnknownComparedProps {
  /** As it was written. */
  name: string;
  /** Likeliest first. */
  similar: Instrument[];
  /** The comparison without it. */
  view: CompareView;
}

/** A name in a comparison that no instrument has: what may have been meant is one link away. */
export function UnknownCompared({ name, similar, view }: UnknownComparedProps) {
  const others = similar.filter(({ slug }) => !view.slugs.includes(slug));
  return (
    <section class="card unknown-compared" aria-label={`${name} is not known`}>
      <p>
        No instrument is called <q>{name}</q>. {others.length > 0 ? "Did you mean:" : (
          <>
            <a href={`/search?q=${encodeURIComponent(name)}`}>Search for it</a>, or{" "}
            <a href="/">see all instruments</a>.
          </>
        )}
      </p>
      {others.length > 0 && (
        <ul class="chips">
          {others.map(({ id, slug, symbol, name }) => (
            <li key={id}>
              <a
                href={comparePath({ ...view, slugs: [...view.slugs, slug] })}
                title={name ?? undefined}
              >
                {symbol}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
