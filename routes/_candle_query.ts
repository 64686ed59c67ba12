/** What every address under `/api/v1` that answers candles is asked with. */
import type { Context } from "hono";
import { getInstrumentBySymbol } from "../db/instruments.ts";
import { type Instrument, Symbol } from "../market/instrument.ts";
import type { RouteEnv } from "./_env.ts";
import { HttpProblem } from "./_problem.ts";
import { invalidQuery, QueryInstant, QueryInterval } from "./_query.ts";

/** One series, and the open times `[from, to)`. */
export const CANDLE_QUERY = {
  symbol: Symbol,
  interval: QueryInterval,
  from: QueryInstant.optional(),
  to: QueryInstant.optional(),
};

/**
 * The instrument of a query.
 *
 * @param action What cannot be done without it: "list candles".
 * @param field Of the query, which has the symbol.
 * @throws {HttpProblem} 400 when `from` is not before `to`, 404 `unknown_symbol`.
 */
export async function findInstrument(
  c: Context<RouteEnv>,
  { symbol, from, to }: { symbol: string; from?: Date; to?: Date },
  action: string,
  field = "symbol",
): Promise<Instrument> {
  if (from && to && from >= to) {
    throw invalidQuery(action, "from", "from must be before to", c.req.query("from"));
  }
  const instrument = await getInstrumentBySymbol(c.env.sql, c.env.source, symbol);
  if (instrument !== null) return instrument;
  throw new HttpProblem(404, {
    code: "unknown_symbol",
    message:
      `Cannot ${action} as ${field} must be one that /api/v1/instruments lists: current value is ${
        JSON.stringify(symbol)
      }`,
    field,
    value: symbol,
  });
}
