/** Attempts with a time-out each, repeated while the failure is one that passes. */
import {
  ExponentialBackoff,
  handleType,
  type IBackoffFactory,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
} from "cockatiel";
import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "../../../market/errors.ts";

/** Time as the client sees it; a test passes one that does not wait. */
export interface Clock {
  now(): Date;
  /** Waits `ms` milliseconds, and rejects at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const REAL_CLOCK: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

export interface RetryOptions {
  /** How long one attempt may take, its body included, in milliseconds. @default {30_000} */
  timeoutMs?: number;
  /** How often a request is tried in all. @default {3} */
  maxAttempts?: number;
  /** The pauses between attempts, unless the error says how long to wait. @default exponential */
  backoff?: IBackoffFactory<unknown>;
  clock?: Clock;
  /** Waits for the credit that each attempt costs, outside its time-out. @default none */
  takeCredit?: (signal: AbortSignal) => Promise<void>;
}

/** Runs attempts until one succeeds; `timedOut` makes the error of one that took too long. */
export type Retry = <T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  timedOut: (timeoutMs: number) => TransientError,
  signal?: AbortSignal,
) => Promise<T>;

/**
 * A runner that repeats an attempt after a `TransientError` and after nothing else. Its promise
 * rejects with the last error, or with the signal's reason at once when that is aborted.
 */
export function createRetry(options: RetryOptions = {}): Retry {
  const { timeoutMs = 30_000, maxAttempts = 3, clock = REAL_CLOCK } = options;
  const backoff = options.backoff ?? new ExponentialBackoff({ initialDelay: 500 });
  const limit = timeout(timeoutMs, TimeoutStrategy.Aggressive);
  // cockatiel's own pause cannot be aborted, and one until the next clock minute is long: it pauses
  // for 0 ms, and the attempt itself begins with the pause.
  const policy = retry(handleType(TransientError), { maxAttempts: maxAttempts - 1 });

  return (attempt, timedOut, signal = new AbortController().signal) => {
    let pauses = backoff;
    let failure: TransientError | undefined;
    return policy.execute(async () => {
      try {
        if (failure) {
          const pause = pauses.next(undefined);
          pauses = pause;
          await clock.sleep(failure.retryAfterMs ?? pause.duration, signal);
        }
        await options.takeCredit?.(signal);
        signal.throwIfAborted();
        return await limit.execute((context) => attempt(context.signal), signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const known = error instanceof TaskCancelledError ? timedOut(timeoutMs) : error;
        if (known instanceof TransientError) failure = known;
        throw known;
      }
    }, signal);
  };
}
