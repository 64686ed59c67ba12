/** The credit governor: spends the plan's minute and day without ever going over, over all processes. */
import { getLogger } from "@logtape/logtape";
import type { Sql } from "../db/connect.ts";
import {
  addToDays,
  answerMinuteWindow,
  deleteMinuteWindow,
  insertMinuteWindow,
  isFreshRunUnderWay,
  listCreditWindows,
  lockCredits,
  pruneMinuteWindows,
  raiseDay,
  storeToldPerMinute,
} from "../db/credits.ts";
import { isConnectionLost } from "../db/errors.ts";
import { inTransaction } from "../db/transaction.ts";
import { DAY_MS } from "../market/holidays.ts";
import type { Source } from "../market/instrument.ts";
import { dayGone, tooLarge } from "./credit_errors.ts";
import {
  type CreditAnswer,
  creditsLeft,
  type CreditState,
  daysNotTouched,
  daysTouched,
  decide,
  estimateEnd,
  foreignCredits,
  MARGIN_MS,
  perMinuteTold,
  pruneLimits,
  startOfDay,
} from "./credit_windows.ts";

/** Waits, and rejects with the signal's reason when it is aborted meanwhile. */
export type Wait = (durationMs: number, signal?: AbortSignal) => Promise<void>;

/** The budget that a provider says is spent (429). */
export type SpentBudget = "minute_credits" | "day_credits";

/** How a request ended that brought nothing: refused, or failed before any of it was sent. */
export type RequestFailure = SpentBudget | "not_sent";

/** Credits taken for one request. */
export interface CreditLease {
  readonly credits: number;
  /**
   * To be called once, when the answer or the failure is there; without it they count as if the request
   * had taken all of its time-out.
   *
   * @param answer what the provider counted; null when it did not say
   * @param failure the budget that the provider says is spent; or that the request was certainly never
   * sent, which gives the credits back
   */
  settle(answer: CreditAnswer | null, failure?: RequestFailure): Promise<void>;
}

export interface TakeOptions {
  /**
   * `history` leaves the credits that are kept for the scheduled runs, and waits while one is under way.
   * @default "fresh"
   */
  priority?: "fresh" | "history";
  /** The run that asks, for which it need not wait. */
  ownRunId?: number;
  signal?: AbortSignal;
}

/** What the provider's plan grants, and what of it is spent. */
export interface Credits {
  /**
   * Takes `cost` credits, waiting until the minute has them.
   * @throws {TerminalError} `day_credits` with `resumesAt` when the day has not enough left,
   * `endpoint_plan` when the plan's minute is smaller than the cost.
   * @throws {RangeError} when `cost` is not a positive whole number.
   */
  take(cost: number, options?: TakeOptions): Promise<CreditLease>;
  /**
   * Waits until at least one credit is free; how many of `most` could be taken now, 1 to `most`.
   * @throws as {@linkcode Credits.take}
   */
  affordable(most: number, options?: TakeOptions): Promise<number>;
  /** What is left of the minute and of the day; the day is null, and the minute infinite, without a limit. */
  left(): Promise<{ minute: number; day: number | null; resumesAt: Date | null }>;
  /** When the last of that many more would be spent at best. */
  estimateEnd(credits: number): Promise<Date>;
  /** How many this process took and did not give back. */
  readonly spent: number;
}

export interface CreditsOptions {
  sql: Sql;
  source: Source;
  /** What the settings say of the plan; where the provider tells less a minute, that counts. */
  perMinute: number;
  /** Null without a daily cap. */
  perDay: number | null;
  now: () => Date;
  wait: Wait;
  /** Credits of today that the scheduled runs will need. @default none */
  reserve?: (now: Date) => Promise<number>;
  /** Told when the minute is spent, once per request: how long it waits, in milliseconds, and until when. */
  onWait?: (waitMs: number, until: Date) => void;
}

type Outcome<T> = { result: T } | { waitMs: number; until: Date | null };

const logger = getLogger(["chandlery", "etl"]);

/** How often history looks whether the run that it yields to has ended. */
const YIELD_MS = 5_000;
/** A run that began longer ago lost its process. */
const LONGEST_RUN_MS = 60 * 60_000;

/** A governor whose state is in the database: a restart and a second process share it. */
export function createCredits(options: CreditsOptions): Credits {
  const { sql, source, perDay, now, wait } = options;
  let spent = 0;
  let hasWarned = false;

  async function readState(db: Sql, at: Date, kept = 0) {
    const yesterday = new Date(startOfDay(at).getTime() - DAY_MS);
    const { minutes, days } = await listCreditWindows(db, source, yesterday);
    const told = days.findLast(({ toldPerMinute }) => toldPerMinute !== null)?.toldPerMinute ??
      null;
    const perMinute = Math.min(options.perMinute, told ?? Infinity);
    const state: CreditState = { minutes, days, perMinute, perDay, kept };
    return { state, told };
  }

  /** Does `work` as soon as `cost` credits are free, in the transaction that found them free. */
  async function whenFree<T>(
    cost: number,
    { priority = "fresh", ownRunId, signal }: TakeOptions,
    work: (tx: Sql, at: Date, free: number) => Promise<T>,
  ): Promise<T> {
    const isHistory = priority === "history";
    for (let isTold = false;;) {
      signal?.throwIfAborted();
      const kept = isHistory && perDay !== null ? await options.reserve?.(now()) ?? 0 : 0;
      const outcome = await inTransaction<Outcome<T>>(sql, async (tx) => {
        await lockCredits(tx, source);
        const at = now();
        await pruneMinuteWindows(tx, source, pruneLimits(at));
        const { state } = await readState(tx, at, kept);
        if (cost > state.perMinute) throw tooLarge(cost, state.perMinute);
        const decision = decide(state, cost, at);
        if (decision.kind === "day_gone") throw dayGone(decision, perDay ?? 0, kept);
        const since = new Date(at.getTime() - LONGEST_RUN_MS);
        const yields = isHistory &&
          await isFreshRunUnderWay(tx, { source, since, ownRunId: ownRunId ?? null });
        if (yields) return { waitMs: YIELD_MS, until: null };
        if (decision.kind === "go") return { result: await work(tx, at, decision.free) };
        return { waitMs: decision.until.getTime() - at.getTime(), until: decision.until };
      });
      if ("result" in outcome) return outcome.result;
      const { waitMs, until } = outcome;
      if (until && !isTold) options.onWait?.(waitMs, until);
      isTold ||= until !== null;
      await wait(waitMs, signal);
    }
  }

  async function settle(
    request: { id: number; credits: number; startedAt: Date },
    answer: CreditAnswer | null,
    failure: RequestFailure | undefined,
  ): Promise<void> {
    if (failure === "not_sent") spent -= request.credits;
    await inTransaction(sql, async (tx) => {
      await lockCredits(tx, source);
      if (failure === "not_sent") {
        await deleteMinuteWindow(tx, request.id);
        await addToDays(tx, source, daysTouched(request.startedAt), -request.credits);
        return;
      }
      const at = now();
      await answerMinuteWindow(tx, request.id, at);
      // Taken shortly before midnight, it counted for the next day as well; now that is out of the question.
      const notTouched = daysNotTouched(request.startedAt, at);
      await addToDays(tx, source, notTouched, -request.credits);
      const { state, told } = await readState(tx, at);
      const tells = perMinuteTold(answer, told);
      if (tells !== null && tells !== told) {
        await storeToldPerMinute(tx, source, startOfDay(at), tells);
      }
      const perMinute = Math.min(options.perMinute, tells ?? Infinity);
      if (perMinute < options.perMinute) warnOnce(perMinute);
      const foreign = foreignCredits({ ...state, perMinute }, {
        startedAt: request.startedAt,
        answer,
        isRefused: failure === "minute_credits",
      }, at);
      if (foreign.held > 0) {
        const window = { credits: foreign.held, startedAt: at, answeredAt: at };
        await insertMinuteWindow(tx, source, window);
        if (foreign.counted > 0) await addToDays(tx, source, [startOfDay(at)], foreign.counted);
      }
      if (failure === "day_credits" && perDay !== null) {
        // Just after midnight by our clock, it may not be midnight yet by the provider's.
        await raiseDay(tx, source, startOfDay(new Date(at.getTime() - MARGIN_MS)), perDay);
      }
    }).catch((error) => {
      // The answer is there and must not be lost for that: the credits come free by themselves.
      if (!isConnectionLost(error)) throw error;
    });
  }

  function warnOnce(perMinute: number): void {
    if (hasWarned) return;
    hasWarned = true;
    logger.warn(
      "The plan grants {perMinute} credits a minute, TWELVE_DATA_CREDITS_PER_MINUTE says {setting}: " +
        "{perMinute} are used. Correct the setting",
      { perMinute, setting: options.perMinute },
    );
  }

  return {
    get spent() {
      return spent;
    },
    async take(cost, takeOptions = {}) {
      checkCount(cost);
      const request = await whenFree(cost, takeOptions, async (tx, startedAt) => {
        const window = { credits: cost, startedAt, answeredAt: null };
        const id = await insertMinuteWindow(tx, source, window);
        await addToDays(tx, source, daysTouched(startedAt), cost);
        return { id, credits: cost, startedAt };
      });
      spent += cost;
      return {
        credits: cost,
        settle: (answer, failure) => settle(request, answer, failure),
      };
    },
    async affordable(most, takeOptions = {}) {
      checkCount(most);
      return await whenFree(
        1,
        takeOptions,
        (_tx, _at, free) => Promise.resolve(Math.min(most, free)),
      );
    },
    async left() {
      const at = now();
      return creditsLeft((await readState(sql, at)).state, at);
    },
    async estimateEnd(credits) {
      const at = now();
      return estimateEnd((await readState(sql, at)).state, credits, at);
    },
  };
}

/** The credits of the built-in simulator: without end, and counted for the record of a run only. */
export function createUnlimitedCredits(now: () => Date = () => new Date()): Credits {
  let spent = 0;
  return {
    get spent() {
      return spent;
    },
    take(cost) {
      spent += cost;
      return Promise.resolve({
        credits: cost,
        settle: (_answer, failure) => {
          if (failure === "not_sent") spent -= cost;
          return Promise.resolve();
        },
      });
    },
    affordable: (most) => Promise.resolve(most),
    left: () => Promise.resolve({ minute: Infinity, day: null, resumesAt: null }),
    estimateEnd: () => Promise.resolve(now()),
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

function checkCount(credits: number): void {
  if (Number.isInteger(credits) && credits > 0) return;
  throw new RangeError(
    `Cannot take credits as it must be a positive whole number: current value is ${credits}`,
  );
}
