import type { Figures } from "../db/analytics.ts";
import type { Instrument } from "../market/instrument.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { KIND_NAMES } from "./kinds.ts";
import { Forming } from "./OverviewTable.tsx";
import { Price } from "./Price.tsx";
import { quoteCurrency } from "./quote_currency.ts";

interface InstrumentHeadProps {
  instrument: Instrument;
  figures?: Figures;
  now: Date;
  decimals: number;
}

/** Who it is and what it costs. */
export function InstrumentHead({ instrument, figures, now, decimals }: InstrumentHeadProps) {
  const traits = [KIND_NAMES[instrument.kind], instrument.exchange].filter(Boolean);
  return (
    <div class="instrument-head">
      <div>
        <p class="crumbs">
          <a href="/">Market</a> <span aria-hidden="true">/</span> {traits.join(" · ")}
        </p>
        <h1>
          {instrument.symbol} {instrument.name && <span class="name">{instrument.name}</span>}
        </h1>
      </div>
      {figures && (
        <div class="headline">
          <p class="headline-price">
            <Price
              price={figures.price}
              decimals={decimals}
              currency={quoteCurrency(instrument)}
            />
          </p>
          <p class="headline-note">
            {figures.change24h && (
              <>
                <Change {...figures.change24h} decimals={decimals} />{" "}
                <span class="muted">over 24 h</span>
              </>
            )}
            <span class="muted">
              {figures.isForming && <Forming />}
              {figures.pricedAt && <Age at={figures.pricedAt} now={now} />}
            </span>
          </p>
        </div>
      )}
    </div>
  );
}
