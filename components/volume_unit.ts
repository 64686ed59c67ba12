/** What a volume counts. */
import type { InstrumentKind } from "../market/instrument.ts";

/** `shares`, the coin of a pair (`BTC`), or `units` where the provider does not say. */
export function volumeUnit({ kind, symbol }: { kind: InstrumentKind; symbol: string }): string {
  if (kind === "stock" || kind === "etf") return "shares";
  return kind === "crypto" && symbol.includes("/") ? symbol.split("/")[0]! : "units";
}
