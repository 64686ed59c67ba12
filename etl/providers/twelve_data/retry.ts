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
import { TerminalError, TransientError } from "../../../market/errors.ts";
import { type CreditAnswer, REQUEST_LIMIT_MS } from "../../credit_windows.ts";
import type { Credits, RequestFailure, SpentBudget, TakeOptions } from "../../credits.ts";

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
  /**
   * How long one attempt may take, its body included, in milliseconds. The credits of one that is never
   * heard of again are held for the default, so that must not be exceeded. @default {30_000}
   */
  timeoutMs?: number;
  /** How often a request is tried in all. @default {3} */
  maxAttempts?: number;
  /** The pauses between attempts, unless the error says how long to wait. @default exponential */
  backoff?: IBackoffFactory<unknown>;
  clock?: Clock;
  /** What each attempt takes its credits from, outside its time-out. @default no limit */
  credits?: Pick<Credits, "take">;
}

/** What a request costs, and for whom it is. */
export interface Spending extends TakeOptions {
  /** Credits of one attempt. */
  cost: number;
}

/** What an attempt says of its cost, as soon as it knows. */
export interface Bill {
  /** What the provider counted. */
  counted(answer: CreditAnswer): void;
  /** Nothing of the request was sent, so that the provider cannot have counted it. */
  notSent(): void;
}

/** Makes one attempt. */
export type Attempt<T> = (signal: AbortSignal, bill: Bill) => Promise<T>;

/** Runs attempts until one succeeds; `timedOut` makes the error of one that took too long. */
export type Retry = <T>(
  attempt: Attempt<T>,
  timedOut: (timeoutMs: number) => TransientError,
  spending: Spending,
) => Promise<T>;

/**
 * A runner that repeats an attempt after a `TransientError` and after nothing else. Its promise
 * rejects with the last error, or with the signal's reason at once when that is aborted.
 */
export function createRetry(options: RetryOptions = {}): Retry {
  const { timeoutMs = REQUEST_LIMIT_MS, maxAttempts = 3, clock = REAL_CLOCK } = options;
  const backoff = options.backoff ?? new ExponentialBackoff({ initialDelay: 500 });
  const limit = timeout(timeoutMs, TimeoutStrategy.Aggressive);
  // cockatiel's own pause cannot be aborted, and one until the next clock minute is long: it pauses
  // for 0 ms, and the attempt itself begins with the pause.
  const policy = retry(handleType(TransientError), { maxAttempts: maxAttempts - 1 });

  async function pay<T>(attempt: Attempt<T>, spending: Spending, signal: AbortSignal): Promise<T> {
    const { cost, ...takeOptions } = spending;
    const lease = await options.credits?.take(cost, { ...takeOptions, signal });
    let counted: CreditAnswer | null = null;
    let failure: RequestFailure | undefined;
    const bill: Bill = {
      counted: (answer) => counted = answer,
      notSent: () => failure = "not_sent",
    };
    try {
      if (signal.aborted) bill.notSent();
      signal.throwIfAborted();
      return await limit.execute((context) => attempt(context.signal, bill), signal);
    } catch (error) {
      failure ??= spentBudget(error);
      throw error;
    } finally {
      await lease?.settle(counted, failure);
    }
  }

  return (attempt, timedOut, spending) => {
    const signal = spending.signal ?? new AbortController().signal;
    let pauses = backoff;
    let failure: TransientError | undefined;
    return policy.execute(async () => {
      try {
        if (failure) {
          const pause = pauses.next(undefined);
          pauses = pause;
          await clock.sleep(failure.retryAfterMs ?? pause.duration, signal);
        }
        return await pay(attempt, spending, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const known = error instanceof TaskCancelledError ? timedOut(timeoutMs) : error;
        if (known instanceof TransientError) failure = known;
        throw known;
      }
    }, signal);
  };
}

/** The budget that a refusal of the provider says is spent. */
function spentBudget(error: unknown): SpentBudget | undefined {
  if (!(error instanceof TransientError || error instanceof TerminalError)) return undefined;
  const { reason } = error;
  return reason === "minute_credits" || reason === "day_credits" ? reason : undefined;
}
