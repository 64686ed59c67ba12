import type { RiskRow } from "../db/comparison.ts";
import type { Instrument } from "../market/instrument.ts";
import { Change } from "./Change.tsx";
import { formatCount, formatFixed, formatNumber, MISSING } from "./format.ts";
import { type RiskPoint, RiskScatter } from "./RiskScatter.tsx";

interface RiskSectionProps {
  /** The first is the benchmark. */
  instruments: Instrument[];
  risk: RiskRow[];
  /** Ids of those that have a line, in the order of its colours. */
  drawn: number[];
}

/** A return of a year that is made of fewer days says more about the days than about a year. */
const FEW_RETURNS = 120;

/** What each returned, and what it took to bear. */
export function RiskSection({ instruments, risk, drawn }: RiskSectionProps) {
  const rows = risk.map((row) => ({
    ...row,
    symbol: instruments.find(({ id }) => id === row.instrumentId)?.symbol ?? MISSING,
  }));
  const spans = new Set(rows.map(({ firstOn, lastOn }) => `${firstOn} to ${lastOn}`));
  const points = rows.flatMap((row): RiskPoint[] => {
    const { returnPercentPerYear, volatilityPercentPerYear } = row;
    if (returnPercentPerYear === null || volatilityPercentPerYear === null) return [];
    return [{
      symbol: row.symbol,
      series: drawn.indexOf(row.instrumentId) + 1,
      return: returnPercentPerYear,
      volatility: volatilityPercentPerYear,
    }];
  });
  return (
    <section class="card" aria-labelledby="risk">
      <header class="card-head">
        <h2 id="risk">Risk and return</h2>
        <p class="muted">
          {spans.size === 1 && `${[...spans][0]} · `}final daily closes, splits adjusted
        </p>
      </header>
      {rows.length === 0 && (
        <p class="chart-note">None of them has a final daily candle in this range.</p>
      )}
      {spans.size > 1 && (
        <p class="chart-note">
          <span class="badge warn">Dates differ</span>{" "}
          Each counts from its own first close to its own last one: compare with care.
        </p>
      )}
      {points.length > 0 && <RiskScatter points={points} />}
      {rows.length > 0 && points.length < rows.length && (
        <p class="chart-note">A point needs 3 daily returns.</p>
      )}
      {points.length > 0 && rows.some(({ observations }) => observations < FEW_RETURNS) && (
        <p class="chart-note">
          Returns a year are what so few days would compound to, not a forecast.
        </p>
      )}
      {rows.length > 0 && <RiskTable rows={rows} benchmark={instruments[0]!.symbol} />}
    </section>
  );
}

function RiskTable({ rows, benchmark }: {
  rows: (RiskRow & { symbol: string })[];
  benchmark: string;
}) {
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label="Figures, scroll sideways">
      <table class="risk-table">
        <thead>
          <tr>
            <th scope="col">Instrument</th>
            <th scope="col" class="number">Return</th>
            <th scope="col" class="number">Return a year</th>
            <th scope="col" class="number">Volatility a year</th>
            <th scope="col" class="number">Beta to {benchmark}</th>
            <th scope="col" class="number">Deepest drawdown, peak to trough</th>
            <th scope="col">First close</th>
            <th scope="col">Last close</th>
            <th scope="col" class="number">Daily returns</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.instrumentId}>
              <th scope="row">{row.symbol}</th>
              <td class="number">
                <Change percent={row.returnPercent} />
              </td>
              <td class="number">
                <Change percent={row.returnPercentPerYear} />
              </td>
              <td class="number">
                {row.volatilityPercentPerYear === null
                  ? MISSING
                  : `${formatFixed(row.volatilityPercentPerYear, 2)} %`}
              </td>
              <td class="number">{row.beta === null ? MISSING : formatNumber(row.beta, 2)}</td>
              <td class="number">
                {row.deepestDrawdownPercent === null
                  ? MISSING
                  : <Change percent={row.deepestDrawdownPercent} />}
                {row.drawdownPeakOn !== null && (
                  <span class="note">{row.drawdownPeakOn} to {row.drawdownTroughOn}</span>
                )}
              </td>
              <td>{row.firstOn}</td>
              <td>{row.lastOn}</td>
              <td class="number">{formatCount(row.observations)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
