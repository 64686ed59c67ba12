import type { OverviewRow, StalePrice } from "../db/overview.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { Forming } from "./Forming.tsx";
import { formatPercent, formatVolume, MISSING, priceDecimals } from "./format.ts";
import { KIND_NAMES } from "./kinds.ts";
import { CHANGE_COLUMNS } from "./overview_columns.ts";
import { Price } from "./Price.tsx";
import { quoteCurrency } from "./quote_currency.ts";
import { Sparkline } from "./Sparkline.tsx";
import { changeOver } from "./spans.ts";
import { Stale } from "./Stale.tsx";
import { StarButton } from "./StarButton.tsx";
import { volumeUnit } from "./volume_unit.ts";

interface OverviewLineProps {
  row: OverviewRow;
  /** Why its price is stale. */
  stale?: StalePrice;
  isStarred: boolean;
  /** Where no heading of its group says it. */
  namesKind: boolean;
  /** Filtered out: it stays in the page, so that a filter can be changed without a request. */
  isHidden?: boolean;
  now: Date;
}

/** One instrument of the overview. */
export function OverviewLine(props: OverviewLineProps) {
  const { row, stale, isStarred, namesKind, isHidden, now } = props;
  const decimals = priceDecimals([...row.sparkline.map(String), row.price ?? "1"], row.kind);
  return (
    <tr data-slug={row.slug} data-kind={row.kind} hidden={isHidden}>
      <td class="starred">
        <StarButton symbol={row.symbol} slug={row.slug} isStarred={isStarred} />
      </td>
      <th scope="row">
        <a class="symbol" href={`/instruments/${row.slug}`}>{row.symbol}</a>
        <span class="name">{row.name}</span>
        {namesKind && <span class="name">{KIND_NAMES[row.kind]}</span>}
      </th>
      <td class="number">
        <Price price={row.price} decimals={decimals} currency={quoteCurrency(row)} />
        <span class="note">
          {/* A candle that is not followed any more does not form. */}
          {row.isForming && !stale && <Forming />}
          {row.pricedAt === null ? "no candle yet" : <Age at={row.pricedAt} now={now} />}
          {stale && <Stale {...stale} now={now} />}
        </span>
      </td>
      {CHANGE_COLUMNS.map(({ span, order, room }) => (
        <td key={span} class={`number ${room} ${order}`}>
          <Change percent={changeOver(row, span)} />
        </td>
      ))}
      <td class="number broader volume_24h">
        <Volume row={row} />
      </td>
      <td class="trend">
        <Sparkline values={row.sparkline} label={describeTrend(row)} change={row.change7dPercent} />
      </td>
    </tr>
  );
}

function Volume({ row }: { row: OverviewRow }) {
  if (row.volume24h === null) {
    return <span title="Not reported, or no hourly candles are stored">{MISSING}</span>;
  }
  return (
    <>
      <data value={row.volume24h}>{formatVolume(row.volume24h)}</data>
      <span class="unit">{volumeUnit(row)}</span>
    </>
  );
}

function describeTrend({ symbol, change7dPercent }: OverviewRow): string {
  const change = change7dPercent === null ? MISSING : formatPercent(change7dPercent);
  return `${symbol} over the last 7 days: ${change}`;
}
