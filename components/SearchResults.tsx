import type { Instrument } from "../market/instrument.ts";
import { counted, MISSING } from "./format.ts";
import { KIND_NAMES } from "./kinds.ts";
import { NotFollowed } from "./NotFollowed.tsx";

interface SearchResultsProps {
  query: string;
  /** Likeliest first. */
  found: Instrument[];
  /** How many are listed at most. */
  most: number;
}

/** The instruments that a search found. */
export function SearchResults({ query, found, most }: SearchResultsProps) {
  return (
    <section class="card" aria-labelledby="results">
      <header class="card-head">
        <h2 id="results">
          {counted(found.length, "instrument")} for <q>{query}</q>
        </h2>
        <p class="muted">
          {found.length < most ? "Likeliest first" : "The likeliest; type more for others"}
        </p>
      </header>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Results, scroll sideways">
        <table>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Name</th>
              <th scope="col">Kind</th>
              <th scope="col">Exchange</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ id, slug, symbol, name, kind, exchange, isActive }) => (
              <tr key={id}>
                <th scope="row">
                  <a class="symbol" href={`/instruments/${slug}`}>{symbol}</a>{" "}
                  {!isActive && <NotFollowed />}
                </th>
                <td>{name ?? MISSING}</td>
                <td>{KIND_NAMES[kind]}</td>
                <td>{exchange ?? MISSING}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
