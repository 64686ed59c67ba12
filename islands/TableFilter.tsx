import { useEffect, useRef, useState } from "preact/hooks";
import * as z from "zod/mini";
import { replaceAddress, showPart } from "./page_parts.ts";
import { filterRows } from "./row_filter.ts";

const Options = z.array(z.object({ value: z.string(), label: z.string() }));

const Props = z.object({
  /** The page that the form asks for. */
  path: z.string(),
  /** Its query at hand; what is no field of the form is kept. */
  query: z.record(z.string(), z.optional(z.string())),
  kinds: Options,
  /** Columns, each with the direction that it is sorted in at first. */
  orders: z.array(z.object({
    value: z.string(),
    label: z.string(),
    direction: z.enum(["asc", "desc"]),
  })),
  /** How many rows are shown, of how many. */
  shown: z.number(),
  total: z.number(),
});

const FIELDS = ["q", "kind", "sort", "dir"];
/** Browsers refuse an address that changes with every key. */
const ADDRESS_DELAY_MS = 250;

/** Narrows the rows of the section that it is in as one types; without a script, a form. */
export default function TableFilter(props: z.infer<typeof Props>) {
  const { path, query, kinds, orders, shown, total } = Props.parse(props);
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [count, setCount] = useState(shown);

  const sayAddress = () => {
    clearTimeout(timer.current);
    if (form.current?.isConnected) replaceAddress(addressOf(form.current));
  };
  const filter = () => {
    const section = form.current?.closest("section");
    if (!form.current || !section) return;
    const { q, kind } = readForm(form.current);
    setCount(filterRows(section, { q: q ?? "", kind: kind ?? "" }));
    keepInLinks({ q, kind });
    clearTimeout(timer.current);
    timer.current = setTimeout(sayAddress, ADDRESS_DELAY_MS);
  };
  const sort = () => {
    if (form.current) void showPart(addressOf(form.current), "instruments", { isNew: true });
  };
  const chooseOrder = (chosen: string) => {
    const order = orders.find(({ value }) => value === chosen);
    const direction = form.current?.querySelector<HTMLSelectElement>("select[name=dir]");
    if (order && direction) direction.value = order.direction;
    sort();
  };
  useEffect(() => {
    // What was typed before the script came.
    const { q, kind } = readForm(form.current!);
    if (q !== query.q || kind !== query.kind) filter();
    return () => clearTimeout(timer.current);
  }, []);

  return (
    <form
      ref={form}
      class="table-filter"
      method="get"
      action={path}
      role="search"
      aria-label="Instruments"
      onSubmit={(event) => {
        event.preventDefault();
        filter();
        sayAddress();
      }}
    >
      {Object.entries(query).map(([name, value]) =>
        value && !FIELDS.includes(name) && (
          <input key={name} type="hidden" name={name} value={value} />
        )
      )}
      <input
        type="search"
        name="q"
        aria-label="Symbol or name"
        defaultValue={query.q}
        maxLength={60}
        placeholder="Symbol or name"
        autocomplete="off"
        spellcheck={false}
        onInput={filter}
        onChange={sayAddress}
      />
      {kinds.length > 1 && (
        <select name="kind" aria-label="Kind" autocomplete="off" onChange={filter}>
          <option value="">All kinds</option>
          {kinds.map(({ value, label }) => (
            <option key={value} value={value} selected={value === query.kind}>{label}</option>
          ))}
        </select>
      )}
      {/* Where the heads of all columns fit they sort; elsewhere this does. */}
      <select
        name="sort"
        class="narrow"
        aria-label="Sort by"
        autocomplete="off"
        onChange={(event) => chooseOrder(event.currentTarget.value)}
      >
        <option value="">By kind</option>
        {orders.map(({ value, label }) => (
          <option key={value} value={value} selected={value === query.sort}>{label}</option>
        ))}
      </select>
      <select name="dir" class="narrow" aria-label="Direction" autocomplete="off" onChange={sort}>
        <option value="desc">▼ down</option>
        <option value="asc" selected={query.dir === "asc"}>▲ up</option>
      </select>
      <button type="submit" class="button">Show</button>
      {query.sort && (
        <a
          class="ungroup"
          data-live="instruments"
          href={addressWithout(path, query)}
          onClick={(event) => {
            if (form.current) event.currentTarget.href = groupedAddressOf(form.current).href;
          }}
        >
          Group by kind
        </a>
      )}
      <p class="muted" role="status">
        {count === total ? total : `${count} of ${total}`}{" "}
        {total === 1 ? "instrument" : "instruments"}
      </p>
    </form>
  );
}

/** The fields that say something. A direction alone sorts nothing. */
function readForm(form: HTMLFormElement): Record<string, string | undefined> {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "") as [string, string][];
  const { dir, ...rest } = Object.fromEntries(fields) as Record<string, string | undefined>;
  return rest.sort ? { ...rest, dir } : rest;
}

/** The address with what the form says; what other parts have put into it since stays. */
function addressOf(form: HTMLFormElement): URL {
  const url = new URL(form.action);
  url.search = location.search;
  const said = readForm(form);
  for (const name of FIELDS) {
    url.searchParams.delete(name);
    const value = said[name];
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function groupedAddressOf(form: HTMLFormElement): URL {
  const url = addressOf(form);
  url.searchParams.delete("sort");
  url.searchParams.delete("dir");
  return url;
}

/** The address that groups by kind, for who has no script. */
function addressWithout(path: string, query: Record<string, string | undefined>): string {
  const kept = Object.entries(query).filter((entry): entry is [string, string] =>
    !!entry[1] && entry[0] !== "sort" && entry[0] !== "dir"
  );
  return kept.length === 0 ? path : `${path}?${new URLSearchParams(kept)}`;
}

/** The links of the page lead on with the filter at hand. */
function keepInLinks(fields: Record<string, string | undefined>): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-live]")) {
    const url = new URL(link.href);
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    link.href = url.href;
  }
}
