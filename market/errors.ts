/** The kinds of error that decide what happens next: try again, give up, or tell the operator. */

/** Why an attempt failed that may succeed later. */
export type TransientReason = "minute_credits" | "server" | "network" | "timeout" | "malformed";

/** A failure that passes by itself (429 of the minute, 5xx, network): worth a retry. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  readonly reason: TransientReason;
  /** How long to wait before the next attempt, in milliseconds, when the provider makes that clear. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { reason: TransientReason; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Why a request can never succeed as it stands. */
export type TerminalReason =
  | "bad_key"
  | "day_credits"
  | "endpoint_plan"
  | "symbol_plan"
  | "unknown_symbol"
  | "bad_request"
  | "wrong_source"
  | "malformed";

/** A failure that the same request will meet again: recorded once, never retried blindly. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
  readonly reason: TerminalReason;
  /** When the same request may succeed (`day_credits`); undefined when nobody knows. */
  readonly resumesAt: Date | undefined;
  /** The plan that it needs, as the provider calls it; undefined when it does not say. */
  readonly plan: string | undefined;

  constructor(
    message: string,
    options: { reason: TerminalReason; resumesAt?: Date; plan?: string; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
    this.resumesAt = options.resumesAt;
    this.plan = options.plan;
  }

  /** Whether every other request of the run would fail for the same reason. */
  get stopsRun(): boolean {
    return ["bad_key", "day_credits", "wrong_source"].includes(this.reason);
  }
}

/**
 * Something that only the operator can mend: a wrong setting, an unreachable database, a full disk.
 * Its message is one line that says what is wrong, with which value, and what to do; it is printed
 * without a stack and the process ends with exit code 1.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
