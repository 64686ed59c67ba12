import type { Figures } from "../db/analytics.ts";
import type { HourSeason, Season, YearOfReturns } from "../db/calendar_returns.ts";
import type {
  Drawdown,
  DrawdownPoint,
  Performance,
  ReturnBucket,
} from "../db/instrument_statistics.ts";
import type { SeriesSpan } from "../db/series_spans.ts";
import type { Instrument } from "../market/instrument.ts";
import { StatsWindow } from "../market/stats_window.ts";
import { DistributionSection } from "./DistributionSection.tsx";
import { DownloadLinks } from "./DownloadLinks.tsx";
import { DrawdownSection } from "./DrawdownSection.tsx";
import { KeyFigures } from "./KeyFigures.tsx";
import { MonthlyReturnsSection } from "./MonthlyReturnsSection.tsx";
import { NoneInWindow } from "./NoneInWindow.tsx";
import { PerformanceSection } from "./PerformanceSection.tsx";
import { ReturnsSection } from "./ReturnsSection.tsx";
import { SeasonSection } from "./SeasonSection.tsx";
import { volumeUnit } from "./volume_unit.ts";
import { WINDOW_NAMES } from "./window_names.ts";

/** What the sections below the chart tell; `window` is what those under "Statistics" look at. */
export interface InstrumentStatistics {
  window: StatsWindow;
  /** Dates of the last daily and hourly candle where it lies before the window; null else. */
  dailyEndedOn: string | null;
  hourlyEndedOn: string | null;
  /** Of the last trading days, ascending. */
  returns: { date: string; percent: number }[];
  /** The date of the last daily candle where it lies before the days of which these are; null else. */
  returnsEndedOn: string | null;
  performance: Performance;
  buckets: ReturnBucket[];
  drawdownPath: DrawdownPoint[];
  deepestDrawdowns: Drawdown[];
  weekdays: Season[];
  hours: HourSeason[];
  years: YearOfReturns[];
  spans: SeriesSpan[];
}

interface InstrumentFiguresProps {
  instrument: Instrument;
  figures: Figures;
  statistics: InstrumentStatistics;
  now: Date;
  decimals: number;
  /** The address of the page, whose other parameters a link to another window keeps. */
  url: string;
}

const WINDOWS: Record<StatsWindow, string> = {
  "30d": "The last 30 days",
  "90d": "The last 90 days",
  "1y": "The last year",
  "3y": "The last 3 years",
  "all": "All that is stored",
};
const WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split(" ");

/** All that is told of an instrument below its chart. */
export function InstrumentFigures(props: InstrumentFiguresProps) {
  const { instrument, figures, statistics, now, decimals, url } = props;
  const { weekdays, hours, dailyEndedOn, hourlyEndedOn } = statistics;
  const daily = statistics.spans.find(({ interval }) => interval === "1day");
  return (
    <>
      <KeyFigures
        instrument={instrument}
        figures={figures}
        dailySince={daily?.firstAt ?? null}
        now={now}
        decimals={decimals}
      />
      <ReturnsSection returns={statistics.returns} endedOn={statistics.returnsEndedOn} />
      <section class="statistics" aria-labelledby="statistics">
        <header class="statistics-head">
          <h2 id="statistics">Statistics</h2>
          <p class="muted">
            <WindowDates {...statistics} />
          </p>
          <nav class="segments" aria-label="Window of the statistics">
            {StatsWindow.options.map((each) => (
              <a
                key={each}
                href={withWindow(url, each)}
                data-keeps-chart
                aria-current={each === statistics.window ? "true" : undefined}
              >
                {WINDOW_NAMES[each]}
              </a>
            ))}
          </nav>
        </header>
        <PerformanceSection performance={statistics.performance} endedOn={dailyEndedOn} />
        <DistributionSection buckets={statistics.buckets} endedOn={dailyEndedOn} />
        <DrawdownSection
          path={statistics.drawdownPath}
          deepest={statistics.deepestDrawdowns}
          endedOn={dailyEndedOn}
        />
        <SeasonSection
          id="weekdays"
          title="By weekday"
          note="Average daily return, close to close, %"
          empty={
            <NoneInWindow endedOn={dailyEndedOn} interval="daily">
              No daily return in this window: weekdays appear with the second daily candle.
            </NoneInWindow>
          }
          seasons={weekdays}
          column="Weekday"
          nameOf={(number) => WEEKDAYS[number - 1]!}
          counted="Days"
          volumeUnit={volumeUnit(instrument)}
        />
        <SeasonSection
          id="hours"
          title="By hour of the day"
          note={`Average, open to close, %${hours[0] ? `; ${hours[0].timeZone} time` : ""}`}
          empty={
            <NoneInWindow endedOn={hourlyEndedOn} interval="hourly">
              No final hourly candle in this window: hours appear with the first.
            </NoneInWindow>
          }
          seasons={hours}
          column="Opened in the hour"
          nameOf={(number) => `${String(number).padStart(2, "0")}:00`}
          counted="Candles"
          volumeUnit={volumeUnit(instrument)}
        />
      </section>
      <MonthlyReturnsSection years={statistics.years} />
      <DownloadLinks instrument={instrument} spans={statistics.spans} />
    </>
  );
}

/** The window in words, and the dates of the closes that are in it. */
function WindowDates({ window, performance: { firstOn, lastOn } }: InstrumentStatistics) {
  if (firstOn === null || lastOn === null) return <>{WINDOWS[window]}</>;
  return (
    <>
      {WINDOWS[window]}: <time dateTime={firstOn}>{firstOn}</time> to{" "}
      <time dateTime={lastOn}>{lastOn}</time>
    </>
  );
}

/** The page with another window, scrolled to what it changes. */
function withWindow(url: string, window: StatsWindow): string {
  const params = new URL(url).searchParams;
  params.set("stats", window);
  return `?${params}#statistics`;
}
