import type { Extreme, Figures } from "../db/analytics.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { Instrument } from "../market/instrument.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { Figure } from "./Figure.tsx";
import { formatUtcDate, formatVolume, MISSING } from "./format.ts";
import { PriceRange, type RangeEnd } from "./PriceRange.tsx";
import { quoteCurrency } from "./quote_currency.ts";
import { volumeUnit } from "./volume_unit.ts";

interface KeyFiguresProps {
  instrument: Instrument;
  figures: Figures;
  /** Open time of the oldest daily candle; null when there is none. */
  dailySince: Date | null;
  now: Date;
  decimals: number;
}

const YEAR_MS = 364 * DAY_MS;

/** The figures of an instrument, each with its unit and its window. */
export function KeyFigures(
  { instrument, figures, dailySince, now, decimals }: KeyFiguresProps,
) {
  const currency = quoteCurrency(instrument);
  const changes = [
    ["1 h", figures.change1h],
    ["24 h", figures.change24h],
    ["7 days", figures.change7d],
    ["30 days", figures.change30d],
    ["year to date", figures.changeYtd],
    ["1 year", figures.change1y],
  ] as const;
  const ranges: [string, RangeEnd, RangeEnd][] = [
    ["24 h", { price: figures.low24h }, { price: figures.high24h }],
    [yearInWords(figures.pricedAt, dailySince), { price: figures.low52w }, {
      price: figures.high52w,
    }],
    ["all stored", endOf(figures.allTimeLow), endOf(figures.allTimeHigh)],
  ];
  const { price } = figures;
  return (
    <section class="card" aria-labelledby="figures">
      <header class="card-head">
        <h2 id="figures">Key figures</h2>
        <p class="muted">
          {figures.pricedAt
            ? (
              <>
                As of the price <Age at={figures.pricedAt} now={now} />; changes over real time
              </>
            )
            : "No price yet"}
        </p>
      </header>
      <dl class="figures">
        {changes.map(([window, change]) => (
          <Figure key={window} name={`Change, ${window}`}>
            {change === null
              ? MISSING
              : <Change amount={change.amount} percent={change.percent} decimals={decimals} />}
          </Figure>
        ))}
      </dl>
      <div class="ranges">
        {ranges.map(([window, low, high]) => (
          <PriceRange key={window} {...{ window, low, high, price, decimals, currency }} />
        ))}
      </div>
      <dl class="figures four">
        <Figure name="Volume, 24 h">
          <DayTotal figures={figures} amount={figures.volume24h} unit={volumeUnit(instrument)} />
        </Figure>
        <Figure name="Turnover, 24 h" note={figures.turnover24h && "estimated from typical prices"}>
          <DayTotal figures={figures} amount={figures.turnover24h} unit={currency} />
        </Figure>
        <Figure name="Average daily volume, 30 days">
          {figures.averageDailyVolume30d === null
            ? figures.allTimeHigh === null ? MISSING : <NotReported />
            : <Amount amount={figures.averageDailyVolume30d} unit={volumeUnit(instrument)} />}
        </Figure>
        <Figure name="History since">
          {figures.firstCandleAt ? formatUtcDate(figures.firstCandleAt) : MISSING}
        </Figure>
      </dl>
    </section>
  );
}

/** The 52 weeks before the price, or since when days are stored where that is less. */
function yearInWords(pricedAt: Date | null, dailySince: Date | null): string {
  const isWhole = pricedAt === null || dailySince === null ||
    dailySince.getTime() <= pricedAt.getTime() - YEAR_MS;
  return isWhole ? "52 weeks" : `since ${formatUtcDate(dailySince)}`;
}

function endOf(extreme: Extreme | null): RangeEnd {
  return extreme === null
    ? { price: null }
    : { price: extreme.price, note: <time dateTime={extreme.date}>{extreme.date}</time> };
}

interface DayTotalProps {
  figures: Figures;
  amount: string | null;
  unit: string | null;
}

/** Where no candle reaches into the 24 hours their volume is unknown, which is not "not reported". */
function DayTotal({ figures, amount, unit }: DayTotalProps) {
  if (amount !== null) return <Amount amount={amount} unit={unit} />;
  return figures.high24h === null ? <>{MISSING}</> : <NotReported />;
}

function Amount({ amount, unit }: { amount: string; unit: string | null }) {
  return (
    <>
      <data value={amount}>{formatVolume(amount)}</data>
      {unit !== null && <span class="unit">{unit}</span>}
    </>
  );
}

function NotReported() {
  return <span class="muted">not reported</span>;
}
