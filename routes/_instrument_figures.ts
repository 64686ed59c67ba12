/** What the page of an instrument tells below its chart. */
import { formatUtcDate } from "../components/format.ts";
import type { InstrumentStatistics } from "../components/InstrumentFigures.tsx";
import { listDailyReturns } from "../db/analytics.ts";
import { listHours, listWeekdays, listYearsOfReturns } from "../db/calendar_returns.ts";
import type { Sql } from "../db/connect.ts";
import {
  getPerformance,
  listDeepestDrawdowns,
  listDrawdownPath,
  listReturnBuckets,
} from "../db/instrument_statistics.ts";
import { listSeriesSpans } from "../db/series_spans.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { Interval } from "../market/interval.ts";
import { datesOf, type StatsWindow } from "../market/stats_window.ts";

const RETURN_DAYS = 60;
/** Returns of the last 60 trading days fit into 100 calendar days in every market that we know. */
const RETURN_SPAN_MS = 100 * DAY_MS;
const DEEPEST = 5;

export async function loadStatistics(
  sql: Sql,
  instrumentId: number,
  { window, now }: { window: StatsWindow; now: Date },
): Promise<InstrumentStatistics> {
  const dates = datesOf(window, now);
  const returnsFrom = new Date(now.getTime() - RETURN_SPAN_MS);
  const [
    returns,
    performance,
    buckets,
    drawdownPath,
    deepestDrawdowns,
    weekdays,
    hours,
    years,
    spans,
  ] = await Promise.all([
    listDailyReturns(sql, instrumentId, { from: returnsFrom, to: dates.to }),
    getPerformance(sql, instrumentId, dates),
    listReturnBuckets(sql, instrumentId, dates),
    listDrawdownPath(sql, instrumentId, dates),
    listDeepestDrawdowns(sql, instrumentId, dates, DEEPEST),
    listWeekdays(sql, instrumentId, dates),
    listHours(sql, instrumentId, dates),
    listYearsOfReturns(sql, instrumentId, datesOf("all", now)),
    listSeriesSpans(sql, instrumentId),
  ]);
  const endedOn = (interval: Interval, from: Date | null) => {
    const lastAt = spans.find((span) => span.interval === interval)?.lastAt;
    return lastAt && from && lastAt < from ? formatUtcDate(lastAt) : null;
  };
  return {
    window,
    dailyEndedOn: endedOn("1day", dates.from),
    hourlyEndedOn: endedOn("1h", dates.from),
    returns: returns.slice(-RETURN_DAYS),
    returnsEndedOn: endedOn("1day", returnsFrom),
    ...{ performance, buckets, drawdownPath, deepestDrawdowns, weekdays, hours, years, spans },
  };
}
