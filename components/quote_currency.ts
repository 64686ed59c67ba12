/** The currency that a price is in. */

/** The stored currency; for a pair without one, what stands behind the slash: `EUR/USD` → `USD`. */
export function quoteCurrency(row: { symbol: string; currency: string | null }): string | null {
  return row.currency || (row.symbol.split("/")[1] ?? null);
}
