/** Rejects in the database: listed with what is stored instead, and accepted by hand. */
import { z } from "zod";
import { brokenCandleRule, type Candle, Decimal } from "../market/candle.ts";
import type { InstrumentKind, Source } from "../market/instrument.ts";
import { type Interval, isDateInterval } from "../market/interval.ts";
import { closesAt, sessionOf } from "../market/session.ts";
import { loadCandles } from "./candles.ts";
import type { Sql } from "./connect.ts";

/** The values of a candle, exact. */
export type CandleValues = Pick<Candle, "open" | "high" | "low" | "close" | "volume">;

/** A row of the provider, or of a file, that did not pass. */
export interface RejectRow {
  id: number;
  /** The run that met it first. */
  runId: number;
  instrumentId: number;
  symbol: string;
  slug: string;
  kind: InstrumentKind;
  exchangeTimezone: string | null;
  candleInterval: Interval;
  /** The open time that it claims; null when it cannot be read. */
  openedAt: Date | null;
  /** The rule that it breaks, with the value. */
  reason: string;
  /** As it came. */
  payload: unknown;
  /** Those values of the payload that came as numbers and not as text, digit by digit; null when none did. */
  numbers: Readonly<Record<string, string>> | null;
  rejectedAt: Date;
  /** When a person made it the candle; null when nobody did. */
  acceptedAt: Date | null;
  /** The candle of that time as it is stored now; null when there is none. */
  stored: CandleValues & { isFinal: boolean } | null;
}

/** What became of a wish to accept a reject. */
export type Acceptance =
  | { outcome: "accepted" | "accepted_before" }
  | { outcome: "unknown" }
  | {
    outcome: "refused";
    /** Why it cannot be a candle, as a clause. */
    why: string;
  };

interface StoredValues {
  storedOpen: string | null;
  storedHigh: string;
  storedLow: string;
  storedClose: string;
  storedVolume: string | null;
  storedIsFinal: boolean;
}

/** What every number of up to so many digits keeps when a parser makes a float of it (IEEE 754). */
const EXACT_DIGITS = 15;

const Payload = z.object({
  open: Decimal,
  high: Decimal,
  low: Decimal,
  close: Decimal,
  volume: Decimal.or(z.literal("")).nullish().transform((volume) => volume || null),
});

/**
 * Rejects of a source, newest first.
 *
 * @param page `before`: only those with a smaller number, the last of the page before. `slug`: only
 * those of that instrument.
 */
export async function listRejects(
  sql: Sql,
  source: Source,
  page: { slug?: string; before?: number; limit: number },
): Promise<RejectRow[]> {
  return await selectRejects(
    sql,
    sql`i.source = ${source}
      ${page.slug === undefined ? sql`` : sql`and i.slug = ${page.slug}`}
      ${page.before === undefined ? sql`` : sql`and r.id < ${page.before}`}
      order by r.id desc limit ${page.limit}`,
  );
}

/** One reject of a source; null when there is none of that number. */
export async function getReject(sql: Sql, source: Source, id: number): Promise<RejectRow | null> {
  const [row] = await selectRejects(sql, sql`i.source = ${source} and r.id = ${id}`);
  return row ?? null;
}

/** The instruments of a source that have rejects, by symbol. */
export async function listRejectedInstruments(
  sql: Sql,
  source: Source,
): Promise<{ slug: string; symbol: string }[]> {
  return await sql<{ slug: string; symbol: string }[]>`
    select i.slug, i.symbol from market.instruments i
    where i.source = ${source}
      and exists (select from market.rejects r where r.instrument_id = i.id)
    order by i.symbol`;
}

/** How many rejects of a source nobody has accepted: of all time, and met since `since`. */
export async function countRejects(
  sql: Sql,
  source: Source,
  since: Date,
): Promise<{ all: number; recent: number }> {
  const [row] = await sql<[{ all: number; recent: number }]>`
    select count(*) as all, count(*) filter (where r.rejected_at >= ${since}) as recent
    from market.rejects r join market.instruments i on i.id = r.instrument_id
    where i.source = ${source} and r.accepted_at is null`;
  return row;
}

/**
 * The final candle that a reject would be, or why it cannot be one. What only looks wrong can: a price
 * that jumps, a time off the grid, a second row of one time. What breaks the rules of the table cannot.
 */
export function candleOfReject(
  reject: Pick<
    RejectRow,
    "payload" | "numbers" | "openedAt" | "candleInterval" | "kind" | "exchangeTimezone"
  >,
  now: Date,
): { candle: Candle } | { why: string } {
  const { payload, numbers, openedAt, candleInterval: interval, kind, exchangeTimezone } = reject;
  if (openedAt === null) return { why: "it has no time that can be read" };
  const rounded = Object.keys(Payload.shape).find((name) => !isExact(numbers?.[name]));
  if (rounded) return { why: `its ${rounded} must be text: as a number it may have been rounded` };
  // A number is as good as its text where a provider or a file forgot the quotes.
  const parsed = Payload.safeParse(numbers ? { ...Object(payload), ...numbers } : payload);
  if (!parsed.success) return { why: describeIssue(parsed.error) };
  const broken = brokenCandleRule(parsed.data);
  if (broken !== null) return { why: broken };
  if (isDateInterval(interval) && !openedAt.toISOString().endsWith("T00:00:00.000Z")) {
    return { why: "a candle of a day or longer opens at 00:00 UTC" };
  }
  const closed = closesAt(openedAt, interval, sessionOf(kind, exchangeTimezone));
  if (closed > now) return { why: `its time ends at ${closed.toISOString()}, which is to come` };
  return { candle: { openedAt, ...parsed.data, isFinal: true } };
}

/**
 * Makes the values of a reject the final candle of its time, all or nothing; a final candle that said
 * otherwise becomes a revision. The run of the candle is the one that met the reject. A second call
 * changes nothing.
 */
export async function acceptReject(
  sql: Sql,
  source: Source,
  id: number,
  now: Date,
): Promise<Acceptance> {
  const reject = await getReject(sql, source, id);
  if (reject === null) return { outcome: "unknown" };
  if (reject.acceptedAt !== null) return { outcome: "accepted_before" };
  const made = candleOfReject(reject, now);
  if ("why" in made) return { outcome: "refused", why: made.why };
  try {
    // One row is quickest with unnest, which every database has.
    await loadCandles({ sql, kind: "embedded" }, {
      instrumentId: reject.instrumentId,
      interval: reject.candleInterval,
      candles: [made.candle],
      rejects: [],
      runId: reject.runId,
      loadedAt: now,
      alongside: (tx) => markAccepted(tx, id, now),
    });
    return { outcome: "accepted" };
  } catch (error) {
    if (error instanceof AcceptedBefore) return { outcome: "accepted_before" };
    throw error;
  }
}

/** Ends the transaction of the later of two at once: the candle may have changed between them. */
class AcceptedBefore extends Error {}

/** The lock of the instrument is held here, so that nobody else is between the check and the write. */
async function markAccepted(tx: Sql, id: number, now: Date): Promise<void> {
  const marked = await tx`
    update market.rejects set accepted_at = ${now}
    where id = ${id} and accepted_at is null
    returning id`;
  if (marked.length === 0) throw new AcceptedBefore();
}

/** Whether a number that came through a float is what the provider wrote. */
function isExact(digits = ""): boolean {
  return digits.replace(/^-?0*\.?0*/, "").replace(".", "").length <= EXACT_DIGITS;
}

type Fragment = ReturnType<Sql>;

async function selectRejects(sql: Sql, which: Fragment): Promise<RejectRow[]> {
  const rows = await sql<(Omit<RejectRow, "stored"> & StoredValues)[]>`
    select
      r.id, r.run_id, r.instrument_id, i.symbol, i.slug, i.kind, i.exchange_timezone,
      r.candle_interval, r.opened_at, r.reason, r.payload, r.rejected_at, r.accepted_at,
      case when jsonb_typeof(r.payload) = 'object' then (
        select jsonb_object_agg(key, value #>> '{}') from jsonb_each(r.payload)
        where jsonb_typeof(value) = 'number'
      ) end as numbers,
      c.open as stored_open, c.high as stored_high, c.low as stored_low, c.close as stored_close,
      c.volume as stored_volume, c.is_final as stored_is_final
    from market.rejects r
    join market.instruments i on i.id = r.instrument_id
    left join market.candles c
      on c.instrument_id = r.instrument_id and c.candle_interval = r.candle_interval
      and c.opened_at = r.opened_at
    where ${which}`;
  return rows.map(withStored);
}

function withStored(row: Omit<RejectRow, "stored"> & StoredValues): RejectRow {
  const { storedOpen, storedHigh, storedLow, storedClose, storedVolume, storedIsFinal, ...reject } =
    row;
  const stored = storedOpen === null ? null : {
    open: storedOpen,
    high: storedHigh,
    low: storedLow,
    close: storedClose,
    volume: storedVolume,
    isFinal: storedIsFinal,
  };
  return { ...reject, stored };
}

function describeIssue(error: z.ZodError): string {
  const field = error.issues[0]?.path[0];
  return typeof field === "string"
    ? `it has no ${field} that is a plain decimal number`
    : "it is not a row of named values";
}
