import type { ComponentChildren } from "preact";
import type { Performance } from "../db/instrument_statistics.ts";
import { Change } from "./Change.tsx";
import { Figure } from "./Figure.tsx";
import { formatCount, formatFixed, formatNumber, MISSING } from "./format.ts";
import { NoneInWindow } from "./NoneInWindow.tsx";

interface PerformanceSectionProps {
  performance: Performance;
  /** The date of the last daily candle where it lies before the window. */
  endedOn: string | null;
}

/** What the window has returned, and at what risk. */
export function PerformanceSection({ performance, endedOn }: PerformanceSectionProps) {
  const p = performance;
  return (
    <section class="card wide-card" aria-labelledby="performance">
      <header class="card-head">
        <h3 id="performance">Performance</h3>
        <p class="muted">Daily closes, adjusted for splits</p>
      </header>
      {p.returnCount === 0
        ? (
          <NoneInWindow endedOn={endedOn} interval="daily">
            No daily return in this window: performance appears with the second daily candle.
          </NoneInWindow>
        )
        : (
          <dl class="figures four">
            <Figure name="Compounded return" note={spanOf(p.firstOn, p.lastOn)}>
              <Change percent={p.compoundedReturnPercent} />
            </Figure>
            <Figure name="Daily returns">
              <data value={p.returnCount}>{formatCount(p.returnCount)}</data>
            </Figure>
            <Figure
              name="Volatility, a year"
              note={p.volatilityPercent === null ? "from two returns on" : null}
            >
              {p.volatilityPercent === null ? MISSING : (
                <data value={p.volatilityPercent}>
                  {formatFixed(p.volatilityPercent, 2)} %
                </data>
              )}
            </Figure>
            <Figure name="Sharpe ratio, a year" note="risk-free rate 0 %">
              {p.sharpeRatio === null
                ? MISSING
                : <data value={p.sharpeRatio}>{formatNumber(p.sharpeRatio, 2)}</data>}
            </Figure>
            <Figure
              name="Deepest drawdown"
              note={spanOf(p.deepestDrawdownPeakOn, p.deepestDrawdownTroughOn)}
            >
              <OrNone percent={p.deepestDrawdownPercent} />
            </Figure>
            <Figure name="Longest drawdown" note={longestSpan(p)}>
              {p.longestDrawdownDays === null ? "none" : (
                <data value={p.longestDrawdownDays}>
                  {formatCount(p.longestDrawdownDays)} days
                </data>
              )}
            </Figure>
            <Figure name="Best day" note={dateOf(p.bestDayOn)}>
              <Change percent={p.bestDayPercent} />
            </Figure>
            <Figure name="Worst day" note={dateOf(p.worstDayOn)}>
              <Change percent={p.worstDayPercent} />
            </Figure>
          </dl>
        )}
    </section>
  );
}

/** A price that only rose has no drawdown. */
function OrNone({ percent }: { percent: number | null }) {
  return percent === null ? <>none</> : <Change percent={percent} />;
}

function longestSpan(p: Performance): ComponentChildren {
  if (p.longestDrawdownPeakOn !== null && p.longestDrawdownRecoveredOn === null) {
    return <>{dateOf(p.longestDrawdownPeakOn)}, still under way</>;
  }
  return spanOf(p.longestDrawdownPeakOn, p.longestDrawdownRecoveredOn);
}

function spanOf(from: string | null, to: string | null): ComponentChildren {
  if (from === null || to === null) return null;
  return (
    <>
      {dateOf(from)} to {dateOf(to)}
    </>
  );
}

function dateOf(date: string | null): ComponentChildren {
  return date && <time dateTime={date}>{date}</time>;
}
