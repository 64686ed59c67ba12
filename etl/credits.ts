/** Credits of the provider's plan: how many requests a minute may hold. */

/** Waits, and rejects with the signal's reason when it is aborted meanwhile. */
export type Wait = (durationMs: number, signal?: AbortSignal) => Promise<void>;

export interface MinuteBudget {
  /** Takes one credit, waiting for it when the last minute has none left. */
  take(signal?: AbortSignal): Promise<void>;
  /** How many were taken since the budget was made. */
  readonly spent: number;
}

const MINUTE_MS = 60_000;
/** The provider's clock is not ours. */
const MARGIN_MS = 1_000;

/**
 * Spends at most `perMinute` credits in any 60 seconds, which keeps the limit whether the provider
 * counts by the clock's minutes or by a sliding one.
 */
export function createMinuteBudget(
  { perMinute, now, wait, onWait }: {
    perMinute: number;
    now: () => Date;
    wait: Wait;
    /** Told before each wait, with its length in milliseconds. */
    onWait?: (durationMs: number) => void;
  },
): MinuteBudget {
  const spentAt: number[] = [];
  let spent = 0;
  return {
    get spent() {
      return spent;
    },
    async take(signal) {
      if (spentAt.length >= perMinute) {
        const freeAt = spentAt[spentAt.length - perMinute]! + MINUTE_MS + MARGIN_MS;
        const waitMs = freeAt - now().getTime();
        if (waitMs > 0) {
          onWait?.(waitMs);
          await wait(waitMs, signal);
        }
        spentAt.splice(0, spentAt.length - perMinute + 1);
      }
      spentAt.push(now().getTime());
      spent++;
    },
  };
}

/** A real wait. */
export const waitForTime: Wait = (durationMs, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, durationMs);
    signal?.addEventListener("abort", end, { once: true });
  });
