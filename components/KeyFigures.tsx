import type { ComponentChildren } from "preact";
import type { Figures } from "../db/analytics.ts";
import type { Instrument, InstrumentKind } from "../market/instrument.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { formatUtcDate, formatVolume, MISSING } from "./format.ts";
import { Price } from "./Price.tsx";
import { quoteCurrency } from "./quote_currency.ts";

interface KeyFiguresProps {
  instrument: Instrument;
  figures: Figures;
  now: Date;
  decimals: number;
}

/** The figures of an instrument, each with its unit and its window. */
export function KeyFigures({ instrument, figures, now, decimals }: KeyFiguresProps) {
  const price = (value: string | null) => (
    <Price price={value} decimals={decimals} currency={quoteCurrency(instrument)} />
  );
  return (
    <section class="card" aria-labelledby="figures">
      <header class="card-head">
        <h2 id="figures">Key figures</h2>
        <p class="muted">
          {figures.pricedAt
            ? (
              <>
                As of <Age at={figures.pricedAt} now={now} />
              </>
            )
            : "No price yet"}
        </p>
      </header>
      <dl class="figures">
        {([["24 h", figures.change24h], ["7 days", figures.change7d], [
          "30 days",
          figures.change30d,
        ]] as const).map(([window, change]) => (
          <Figure key={window} name={`Change, ${window}`}>
            {change === null
              ? MISSING
              : <Change amount={change.amount} percent={change.percent} decimals={decimals} />}
          </Figure>
        ))}
        <Figure name="High, 24 h">{price(figures.high24h)}</Figure>
        <Figure name="Low, 24 h">{price(figures.low24h)}</Figure>
        <Figure name="Volume, 24 h">
          <DayVolume instrument={instrument} figures={figures} />
        </Figure>
        <Figure name="High, 52 weeks">{price(figures.high52w)}</Figure>
        <Figure name="Low, 52 weeks">{price(figures.low52w)}</Figure>
        <Figure name="History since">
          {figures.firstCandleAt ? formatUtcDate(figures.firstCandleAt) : MISSING}
        </Figure>
      </dl>
    </section>
  );
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Where no candle reaches into the 24 hours their volume is unknown, which is not "not reported". */
function DayVolume({ instrument, figures }: Pick<KeyFiguresProps, "instrument" | "figures">) {
  if (figures.volume24h === null) {
    return figures.high24h === null ? MISSING : <span class="muted">not reported</span>;
  }
  return (
    <>
      <data value={figures.volume24h}>{formatVolume(figures.volume24h)}</data>
      <span class="unit">{volumeUnit(instrument.kind, instrument.currencyBase)}</span>
    </>
  );
}

function volumeUnit(kind: InstrumentKind, base: string | null): string {
  return kind === "stock" || kind === "etf" ? "shares" : kind === "crypto" && base ? base : "units";
}
