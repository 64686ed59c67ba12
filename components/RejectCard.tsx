import type { CandleValues, RejectRow } from "../db/rejects.ts";
import { Age } from "./Age.tsx";
import { formatCount, formatInterval, formatOpenTime } from "./format.ts";

/** More of a row than this tells a person nothing, and a row may be a whole page of HTML. */
const MOST_PAYLOAD = 2000;

interface RejectCardProps {
  reject: RejectRow;
  /** Why it cannot be accepted, as a clause; null when it can. */
  obstacle: string | null;
  /** What the page shows, to come back to. */
  view: { instrument?: string; before?: number };
  now: Date;
}

/** One row that did not pass: what it says, what is stored instead, and how to accept it. */
export function RejectCard({ reject, obstacle, view, now }: RejectCardProps) {
  const { id, symbol, slug, candleInterval, openedAt } = reject;
  const time = openedAt === null
    ? "no readable time"
    : `${formatOpenTime(openedAt, candleInterval)} UTC`;
  return (
    <article class="card reject" id={`reject-${id}`} aria-labelledby={`reject-${id}-head`}>
      <header class="card-head">
        <h2 id={`reject-${id}-head`}>
          <a href={`/instruments/${slug}?interval=${candleInterval}`}>{symbol}</a>{" "}
          {formatInterval(candleInterval)} · {time}
        </h2>
        <RejectBadge reject={reject} obstacle={obstacle} />
        <p class="muted">
          #{id}, met <Age at={reject.rejectedAt} now={now} /> in{" "}
          <a href={`/pipeline?run=${reject.runId}#steps`}>run #{reject.runId}</a>
        </p>
      </header>
      <p class="problem">{reject.reason}</p>
      <div class="sides">
        <div>
          <h3 id={`reject-${id}-row`}>The row as it came</h3>
          <pre
            tabIndex={0}
            role="group"
            aria-labelledby={`reject-${id}-row`}
          ><code>{printPayload(reject.payload)}</code></pre>
        </div>
        <div>
          <h3>
            Stored candle of that time
            {reject.stored && (
              <span class="muted">{reject.stored.isFinal ? ", final" : ", forming"}</span>
            )}
          </h3>
          {reject.stored === null
            ? <p class="muted">{openedAt === null ? "The row names no time." : "None."}</p>
            : <Values values={reject.stored} />}
        </div>
      </div>
      <footer>
        {reject.acceptedAt !== null
          ? (
            <p class="muted">
              Accepted by hand <Age at={reject.acceptedAt} now={now} />.
            </p>
          )
          : obstacle !== null
          ? <p class="muted">It cannot be accepted: {obstacle}.</p>
          : <AcceptForm reject={reject} view={view} />}
      </footer>
    </article>
  );
}

function RejectBadge({ reject, obstacle }: Pick<RejectCardProps, "reject" | "obstacle">) {
  const [tone, word] = reject.acceptedAt !== null
    ? ["good", "accepted"]
    : obstacle === null
    ? ["warn", "not accepted"]
    : ["", "cannot be a candle"];
  return <span class={`badge ${tone}`}>{word}</span>;
}

function Values({ values }: { values: CandleValues }) {
  const named = [
    ["Open", values.open],
    ["High", values.high],
    ["Low", values.low],
    ["Close", values.close],
    ["Volume", values.volume],
  ] as const;
  return (
    <dl class="values">
      {named.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? <span class="muted">not reported</span>}</dd>
        </div>
      ))}
    </dl>
  );
}

function AcceptForm({ reject, view }: Pick<RejectCardProps, "reject" | "view">) {
  const { id, stored } = reject;
  return (
    <details class="accept">
      <summary>
        Accept by hand<span class="visually-hidden">, reject #{id}</span>
      </summary>
      <form method="post" action={`/pipeline/rejects/${id}/accept`}>
        <p>
          Its values become the final candle of that time.{" "}
          {stored?.isFinal && "What is stored now is kept as a revision."}
          {stored?.isFinal === false && "The forming candle is overwritten."}
        </p>
        {view.instrument !== undefined && (
          <input type="hidden" name="instrument" value={view.instrument} />
        )}
        {view.before !== undefined && <input type="hidden" name="before" value={view.before} />}
        <div class="fields">
          <label for={`token-${id}`}>Admin token</label>
          <input
            id={`token-${id}`}
            type="password"
            name="token"
            required
            autocomplete="current-password"
            aria-describedby={`token-${id}-note`}
          />
          <button class="button" type="submit">Accept</button>
        </div>
        <p class="muted" id={`token-${id}-note`}>
          Printed once at the first start, unless the setting <code>ADMIN_TOKEN</code> is yours.
        </p>
      </form>
    </details>
  );
}

/** jsonb keeps no order, and people read a candle in this one. */
const USUAL_ORDER = ["datetime", "open", "high", "low", "close", "volume"];

function printPayload(payload: unknown): string {
  const text = JSON.stringify(inUsualOrder(payload), null, 2);
  const rest = text.length - MOST_PAYLOAD;
  return rest > 0 ? `${text.slice(0, MOST_PAYLOAD)}\n… and ${formatCount(rest)} characters` : text;
}

function inUsualOrder(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  const known = USUAL_ORDER.filter((name) => Object.hasOwn(payload, name));
  const values = payload as Record<string, unknown>;
  return { ...Object.fromEntries(known.map((name) => [name, values[name]])), ...values };
}
