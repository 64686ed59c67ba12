import { type Gap, REPAIRED_DAYS } from "../db/gaps.ts";
import { DAY_MS } from "../market/holidays.ts";
import { Age } from "./Age.tsx";
import { counted, formatCount, formatInterval, formatOpenTime, formatUtc } from "./format.ts";

const MOST_SHOWN = 10;

interface GapSectionProps {
  /** Of the window, the newest first. */
  gaps: Gap[];
  /** Whether there is a series that could have some. */
  isLoaded: boolean;
  windowInWords: string;
  now: Date;
}

/** Candles that are expected and not stored, and what becomes of them. */
export function GapSection({ gaps, isLoaded, windowInWords, now }: GapSectionProps) {
  const candles = gaps.reduce((sum, { missing }) => sum + missing, 0);
  const isToRepair = gaps.some((gap) => isDue(gap, now));
  return (
    <section class="card table-card" aria-labelledby="gaps">
      <header class="card-head">
        <h2 id="gaps">Gaps</h2>
        <p class="muted">
          {!isLoaded
            ? "Told once candles are stored."
            : gaps.length === 0
            ? `No candle of the ${windowInWords} is missing between the oldest and the newest stored.`
            : `${counted(candles, "candle")} missing in ${
              counted(gaps.length, "gap")
            } of the ${windowInWords}`}
          {gaps.length > MOST_SHOWN && ` · the newest ${MOST_SHOWN}`}
        </p>
      </header>
      {gaps.length > 0 && (
        <>
          <div class="table-scroll" tabIndex={0} role="group" aria-label="Gaps, scrolls sideways">
            <table class="gaps">
              <thead>
                <tr>
                  <th scope="col">Series</th>
                  <th scope="col">First missing, UTC</th>
                  <th scope="col">Last missing, UTC</th>
                  <th scope="col" class="number">Candles</th>
                  <th scope="col">What becomes of it</th>
                </tr>
              </thead>
              <tbody>
                {gaps.slice(0, MOST_SHOWN).map((gap) => (
                  <Row
                    key={`${gap.symbol} ${gap.candleInterval} ${gap.openedFrom}`}
                    gap={gap}
                    now={now}
                  />
                ))}
              </tbody>
            </table>
          </div>
          <p class="chart-note">
            {!isToRepair && "The provider had none of them when it was asked. "}
            Each run asks for those of the last {REPAIRED_DAYS} days by itself, only{" "}
            <code>deno task etl gaps --repair</code> for older ones. <code>deno task etl gaps</code>
            {" "}
            lists all.
          </p>
        </>
      )}
    </section>
  );
}

function Row({ gap, now }: { gap: Gap; now: Date }) {
  const { symbol, candleInterval, openedFrom, openedTo, missing } = gap;
  return (
    <tr>
      <th scope="row">
        {symbol}
        <span class="note">{formatInterval(candleInterval)}</span>
      </th>
      <td>{formatOpenTime(openedFrom, candleInterval)}</td>
      <td>{formatOpenTime(openedTo, candleInterval)}</td>
      <td class="number">{formatCount(missing)}</td>
      <td>
        <Fate gap={gap} now={now} />
      </td>
    </tr>
  );
}

function Fate({ gap, now }: { gap: Gap; now: Date }) {
  const { lastEmptyAt, askAgainAt, openedTo } = gap;
  // By then it may be older than what a run looks at.
  const isAskedAgain = askAgainAt !== null && askAgainAt > now &&
    openedTo.getTime() >= askAgainAt.getTime() - REPAIRED_DAYS * DAY_MS;
  return (
    <>
      <span class={`badge ${isDue(gap, now) ? "warn" : ""}`}>
        {isDue(gap, now) ? "to be repaired" : "provider has none"}
      </span>
      {lastEmptyAt !== null && (
        <span class="note">
          answered empty <Age at={lastEmptyAt} now={now} />
          {isAskedAgain && `, asked again after ${formatUtc(askAgainAt)}`}
        </span>
      )}
    </>
  );
}

function isDue({ askAgainAt }: Gap, now: Date): boolean {
  return askAgainAt === null || askAgainAt <= now;
}
