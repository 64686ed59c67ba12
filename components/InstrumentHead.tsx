import type { Figures } from "../db/analytics.ts";
import type { StalePrice } from "../db/overview.ts";
import type { Instrument } from "../market/instrument.ts";
import { Age } from "./Age.tsx";
import { Change } from "./Change.tsx";
import { Forming } from "./Forming.tsx";
import { KIND_NAMES } from "./kinds.ts";
import { NotFollowed } from "./NotFollowed.tsx";
import { Price } from "./Price.tsx";
import { quoteCurrency } from "./quote_currency.ts";
import { Stale } from "./Stale.tsx";

interface InstrumentHeadProps {
  instrument: Instrument;
  figures?: Figures;
  /** Why the price is stale. */
  stale?: StalePrice;
  now: Date;
  decimals: number;
}

/** Who it is and what it costs. */
export function InstrumentHead({ instrument, figures, stale, now, decimals }: InstrumentHeadProps) {
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
        {!instrument.isActive && (
          <p class="muted">
            <NotFollowed /> No run loads it. <code>deno task etl activate {instrument.symbol}</code>
            {" "}
            follows it again.
          </p>
        )}
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
              {/* A candle that is not followed any more does not form. */}
              {figures.isForming && !stale && instrument.isActive && <Forming />}
              {figures.pricedAt && <Age at={figures.pricedAt} now={now} />}
              {stale && <Stale {...stale} now={now} />}
            </span>
          </p>
        </div>
      )}
    </div>
  );
}
