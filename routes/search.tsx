/** `/search?q=`: the instruments that a text may mean; one that it is leads straight to it. */
import { z } from "zod";
import { EmptyState } from "../components/EmptyState.tsx";
import { SearchResults } from "../components/SearchResults.tsx";
import { searchInstruments } from "../db/instrument_search.ts";
import { createRoute } from "./_env.ts";
import { parseQuery } from "./_query.ts";
import { SearchField } from "./_search.ts";

const Query = z.object({ q: SearchField.default("") });
const MOST_RESULTS = 50;

export default createRoute(async (c) => {
  const { q } = parseQuery(c.req.url, Query, "search");
  const { sql, source } = c.env;
  const found = q === ""
    ? []
    : await searchInstruments(sql, source, q, MOST_RESULTS, { isActive: null });
  const exact = found.filter(({ isExact }) => isExact);
  if (exact.length === 1) return c.redirect(`/instruments/${exact[0]!.slug}`, 303);
  return c.render(
    <>
      <div class="page-head">
        <h1>Search</h1>
        <p class="muted">Instruments by symbol or name</p>
      </div>
      <form class="search-page" role="search" action="/search" aria-label="Instruments">
        <input
          type="search"
          name="q"
          value={q}
          maxLength={100}
          aria-label="Symbol or name"
          placeholder="AAPL, Bitcoin, EUR/USD"
          autocomplete="off"
        />
        <button class="button" type="submit">Search</button>
      </form>
      {found.length > 0 && <SearchResults query={q} found={found} most={MOST_RESULTS} />}
      {found.length === 0 && (q === "" ? <NothingAsked /> : <NothingFound query={q} />)}
    </>,
    { title: q === "" ? "Search" : `Search for ${q}`, description: "Find an instrument." },
  );
});

function NothingAsked() {
  return (
    <EmptyState title="What are you looking for?">
      <p>
        Type a symbol or a part of a name. From every page, <kbd>/</kbd> or <kbd>Ctrl</kbd>{" "}
        <kbd>K</kbd> leads to the search in the head of the page.
      </p>
      <p>
        <a class="button" href="/">See all instruments</a>
      </p>
    </EmptyState>
  );
}

function NothingFound({ query }: { query: string }) {
  return (
    <EmptyState title="Nothing found">
      <p>
        No instrument that is stored here is called <q>{query}</q>, and none is spelt alike.
      </p>
      <p>
        To follow one that the provider knows, add its symbol to the setting <code>SYMBOLS</code>
        {" "}
        and start again, or run <code>deno task etl add SYMBOL</code>.
      </p>
      <p>
        <a class="button" href="/">See all instruments</a>
      </p>
    </EmptyState>
  );
}
