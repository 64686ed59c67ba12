/** Names of instruments: the candles' answer has only the symbol, a search knows what people call it. */
import { listInstruments, nameInstrument } from "../db/instruments.ts";
import { TerminalError, TransientError } from "../market/errors.ts";
import type { RunDependencies } from "./record.ts";

/**
 * Gives a name to every instrument that has none, after the candles are loaded as it costs a credit
 * each. One that the search does not know is called by its symbol. A search that fails is left to the
 * next run: a name is never worth failing this one.
 */
export async function nameInstruments(deps: RunDependencies): Promise<void> {
  const { database: { sql }, provider, source } = deps;
  for (const { id, symbol, micCode, pinnedMicCode, name } of await listInstruments(sql, source)) {
    if (name !== null) continue;
    // `RY:TSX` is a ticker and its exchange; a search knows tickers.
    const ticker = symbol.split(":")[0]!;
    const mic = pinnedMicCode ?? micCode;
    try {
      const matches = (await provider.searchSymbols(ticker, { signal: deps.signal }))
        .filter((match) => match.symbol === ticker);
      const match = matches.find((match) => match.micCode === mic) ?? matches[0];
      await nameInstrument(sql, id, match?.name ?? symbol);
    } catch (error) {
      if (error instanceof TerminalError && !error.stopsRun) {
        // A search that is refused would be refused, and paid for, every hour.
        await nameInstrument(sql, id, symbol);
        continue;
      }
      if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
      return;
    }
  }
}
