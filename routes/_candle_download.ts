/** A whole series as a file, however long: read a page at a time as fast as the client takes it. */
import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { z } from "zod";
import { pageSeries } from "../db/candle_export.ts";
import { explainDatabaseError } from "../db/errors.ts";
import type { StoredCandle } from "../market/candle.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Interval } from "../market/interval.ts";
import { CANDLE_QUERY, findInstrument } from "./_candle_query.ts";
import type { RouteEnv } from "./_env.ts";
import { parseQuery } from "./_query.ts";

/** The series that a file is of. */
export interface DownloadedSeries {
  instrument: Instrument;
  interval: Interval;
}

export interface DownloadFormat {
  /** Of the file's name. */
  extension: string;
  contentType: string;
  /** The text of the file in pieces, none longer than a page. */
  write: (
    series: DownloadedSeries,
    pages: AsyncIterable<StoredCandle[]>,
  ) => AsyncGenerator<string>;
}

const Query = z.object(CANDLE_QUERY);
const ACTION = "download candles";
/** Candles of one query: enough that the round trip does not count, a few hundred kB in memory. */
const PAGE_CANDLES = 2000;

/**
 * Answers every candle that the query names. No page is read before the client has taken the one before,
 * and none after it is gone. What fails in the middle breaks the connection, as a file that ends like a
 * whole one would be taken for it.
 */
export async function download(c: Context<RouteEnv>, format: DownloadFormat): Promise<Response> {
  const { interval, ...query } = parseQuery(c.req.url, Query, ACTION);
  const instrument = await findInstrument(c, query, ACTION);
  const pages = pageSeries(
    c.env.sql,
    { instrumentId: instrument.id, interval, ...query },
    PAGE_CANDLES,
  );
  const name = `${instrument.slug}-${interval}.${format.extension}`;
  return c.body(
    ReadableStream.from(encode(format.write({ instrument, interval }, pages), name)),
    200,
    {
      "Content-Type": format.contentType,
      "Content-Disposition": `attachment; filename="${name}"`,
      // To compare it with what a cache holds it would have to be read whole.
      "Cache-Control": "no-store",
    },
  );
}

async function* encode(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const piece of pieces) yield encoder.encode(piece);
  } catch (error) {
    // The answer has begun: nobody but the log can be told.
    getLogger(["chandlery", "site"]).error("The download of {name} broke off: {reason}", {
      name,
      reason: explainDatabaseError(error)?.message ?? error,
    });
    throw error;
  }
}
