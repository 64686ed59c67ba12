/** A market of many instruments, for what must stay small or fast. */
import type { Sql } from "../../db/connect.ts";
import { AAPL, candle, storeCandles, storeInstrument } from "./market.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Stores `count` instruments, half of them stocks and half coins, with the hours of the 10 days and the
 * days of the 400 days before `now`, whose closes have nothing in common that would compress.
 */
export async function storeMany(sql: Sql, count: number, now: Date): Promise<void> {
  let seed = 7;
  const random = () => (seed = seed * 16_807 % 2_147_483_647) / 2_147_483_647;
  const series = (length: number, stepMs: number) => {
    let close = 100;
    return Array.from({ length }, (_, at) => {
      const openedAt = Math.floor(now.getTime() / stepMs - length + at) * stepMs;
      close *= 1 + (random() - 0.5) / 20;
      const volume = String(Math.ceil(random() * 1e6));
      return candle(new Date(openedAt).toISOString(), close.toFixed(4), { volume });
    });
  };
  for (let number = 0; number < count; number++) {
    const values = number % 2 === 0
      ? { ...AAPL, symbol: `STOCK${number}`, name: `Company number ${number} Incorporated` }
      : { symbol: `COIN${number}/USD`, name: `Coin number ${number} / US Dollar` };
    const { id } = await storeInstrument(sql, values);
    await storeCandles(sql, id, "1h", series(240, HOUR_MS), now);
    await storeCandles(sql, id, "1day", series(400, DAY_MS), now);
  }
}
