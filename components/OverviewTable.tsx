import type { OverviewOrder, OverviewRow, StalePrice } from "../db/overview.ts";
import { isMatch, type RowFilter } from "../islands/row_filter.ts";
import TableFilter from "../islands/TableFilter.tsx";
import type { InstrumentKind } from "../market/instrument.ts";
import type { Span } from "../market/span.ts";
import { KIND_HEADINGS, KINDS } from "./kinds.ts";
import { type MarketView, viewHref } from "./market_view.ts";
import { firstDirection, keyColumn, ORDER_WORDS } from "./overview_columns.ts";
import { OverviewHead } from "./OverviewHead.tsx";
import { OverviewLine } from "./OverviewLine.tsx";

interface OverviewTableProps {
  /** In `order`, or by symbol. */
  rows: OverviewRow[];
  stale: StalePrice[];
  view: MarketView;
  /** Sorted, the table is one list of all kinds; else it is grouped by kind. */
  order?: OverviewOrder;
  /** What hides rows. */
  filter: RowFilter;
  /** The span whose change has room on every screen. */
  span: Span;
  /** Slugs. */
  watchlist: readonly string[];
  now: Date;
}

/** Every instrument, sortable and filterable. */
export function OverviewTable(props: OverviewTableProps) {
  const { rows, stale, view, order, filter, span, watchlist, now } = props;
  const kinds = KINDS.filter((kind) => rows.some((row) => row.kind === kind));
  const lines = (group: OverviewRow[]) =>
    group.map((row) => (
      <OverviewLine
        key={row.slug}
        row={row}
        stale={stale.find(({ instrumentId }) => instrumentId === row.instrumentId)}
        isStarred={watchlist.includes(row.slug)}
        namesKind={order !== undefined && kinds.length > 1}
        isHidden={!isMatch(row, filter)}
        now={now}
      />
    ));
  const shown = rows.filter((row) => isMatch(row, filter)).length;
  return (
    <section id="instruments" class="card" aria-labelledby="instruments-title">
      <header class="card-head">
        <h2 id="instruments-title">Instruments</h2>
        <p class="muted">Changes in per cent of real time before each price, not of bars</p>
      </header>
      <TableFilter
        path={view.path}
        query={view.query}
        kinds={kinds.map((kind) => ({ value: kind, label: KIND_HEADINGS[kind] }))}
        orders={ORDER_WORDS.map(({ by, words }) => ({
          value: by,
          label: words,
          direction: firstDirection(by),
        }))}
        shown={shown}
        total={rows.length}
      />
      <div class="table-card">
        <table class="overview" data-key={keyColumn(span, order)}>
          <caption class="visually-hidden">
            Last price of every instrument, its changes in per cent, units traded in 24 hours and
            its last 7 days
          </caption>
          <OverviewHead sorting={{ view, order }} />
          {order
            ? <tbody>{lines(rows)}</tbody>
            : kinds.map((kind) => (
              <Group key={kind} kind={kind} rows={rows} filter={filter}>
                {lines(rows.filter((row) => row.kind === kind))}
              </Group>
            ))}
        </table>
      </div>
      <p class="chart-note no-match" hidden={shown > 0}>
        No instrument matches. Change the filter, or{" "}
        <a href={viewHref(view, { q: undefined, kind: undefined })}>show all {rows.length}</a>.
      </p>
    </section>
  );
}

interface GroupProps {
  kind: InstrumentKind;
  rows: OverviewRow[];
  filter: RowFilter;
  children: preact.ComponentChildren;
}

function Group({ kind, rows, filter, children }: GroupProps) {
  const isEmpty = !rows.some((row) => row.kind === kind && isMatch(row, filter));
  return (
    <tbody hidden={isEmpty}>
      <tr class="group">
        <td />
        <th scope="rowgroup" colSpan={10}>{KIND_HEADINGS[kind]}</th>
      </tr>
      {children}
    </tbody>
  );
}
