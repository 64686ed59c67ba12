/** The open times that an import has stored already: a bit each, so that a million cost next to nothing. */
import { type Interval, isDateInterval } from "../../market/interval.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const CHUNK_BITS = 2 ** 14;

export interface SeenTimes {
  has(openedAt: Date): boolean;
  add(openedAt: Date): void;
}

/** A set of open times: of dates for a day or longer, else of minutes. */
export function createSeenTimes(interval: Interval): SeenTimes {
  const unitMs = isDateInterval(interval) ? DAY_MS : MINUTE_MS;
  const chunks = new Map<number, Uint8Array>();
  const place = (openedAt: Date) => {
    const unit = Math.floor(openedAt.getTime() / unitMs);
    const chunk = Math.floor(unit / CHUNK_BITS);
    const bit = unit - chunk * CHUNK_BITS;
    return { chunk, byte: bit >> 3, mask: 1 << (bit & 7) };
  };
  return {
    has(openedAt) {
      const { chunk, byte, mask } = place(openedAt);
      return ((chunks.get(chunk)?.[byte] ?? 0) & mask) !== 0;
    },
    add(openedAt) {
      const { chunk, byte, mask } = place(openedAt);
      let bytes = chunks.get(chunk);
      if (!bytes) chunks.set(chunk, bytes = new Uint8Array(CHUNK_BITS / 8));
      bytes[byte]! |= mask;
    },
  };
}
