import type { SeriesSpan } from "../db/series_spans.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { formatInterval, formatOpenTime } from "./format.ts";

const FORMATS = [["csv", "CSV"], ["json", "JSON"]] as const;

interface DownloadLinksProps {
  instrument: Instrument;
  spans: SeriesSpan[];
}

/** Every stored candle as a file, by interval. */
export function DownloadLinks({ instrument, spans }: DownloadLinksProps) {
  return (
    <section class="card" aria-labelledby="download">
      <header class="card-head">
        <h2 id="download">Download</h2>
        <p class="muted">All stored candles of an interval, exact decimals, times in UTC</p>
      </header>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Downloads">
        <table>
          <thead>
            <tr>
              <th scope="col">Interval</th>
              <th scope="col">File</th>
              <th scope="col">First candle</th>
              <th scope="col">Last candle</th>
              <th scope="col">Origin</th>
            </tr>
          </thead>
          <tbody>
            {spans.map((span) => (
              <tr key={span.interval}>
                <th scope="row">{formatInterval(span.interval)}</th>
                <td>
                  {FORMATS.map(([extension, name]) => (
                    <a
                      key={name}
                      class="file"
                      href={addressOf(instrument, span.interval, extension)}
                      aria-label={`Download ${instrument.slug}-${span.interval}.${extension}`}
                      download
                    >
                      {name}
                    </a>
                  ))}
                </td>
                {[span.firstAt, span.lastAt].map((at, end) => (
                  <td key={end}>
                    <time dateTime={at.toISOString()}>
                      {formatOpenTime(at, span.interval)}
                    </time>
                  </td>
                ))}
                <td class="muted">{originOf(span)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function addressOf({ symbol }: Instrument, interval: Interval, extension: string): string {
  return `/api/v1/candles.${extension}?${new URLSearchParams({ symbol, interval })}`;
}

function originOf({ hasFetched, hasRolledUp }: SeriesSpan): string {
  if (!hasRolledUp) return "as the provider sent them";
  return hasFetched ? "partly rolled up from shorter ones" : "rolled up from shorter ones";
}
