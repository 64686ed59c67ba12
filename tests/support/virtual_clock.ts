/** A clock for several workers at once: it moves on only when all of them wait, to the first that wakes. */

export interface VirtualClock {
  now(): Date;
  /** Waits by this clock. Only a worker of {@linkcode VirtualClock.run} may. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Runs the workers side by side, until all have ended. */
  run(...workers: (() => Promise<void>)[]): Promise<void>;
}

/** A clock that begins at `start`. */
export function createVirtualClock(start: Date): VirtualClock {
  let nowMs = start.getTime();
  let awake = 0;
  const sleepers: { wakesMs: number; wake: () => void }[] = [];

  /** Real work of an awake worker, such as a query, takes no time of this clock. */
  function fallAsleep(): void {
    awake--;
    if (awake > 0 || sleepers.length === 0) return;
    sleepers.sort((a, b) => a.wakesMs - b.wakesMs);
    const first = sleepers.shift()!;
    nowMs = Math.max(nowMs, first.wakesMs);
    awake++;
    first.wake();
  }

  return {
    now: () => new Date(nowMs),
    wait(durationMs, signal) {
      signal?.throwIfAborted();
      const waiting = new Promise<void>((wake) => {
        // Of those that wake together the last to fall asleep is first, so that none always loses.
        sleepers.unshift({ wakesMs: nowMs + durationMs, wake });
      });
      fallAsleep();
      return waiting;
    },
    async run(...workers) {
      awake += workers.length;
      await Promise.all(workers.map((work) => work().finally(fallAsleep)));
    },
  };
}
