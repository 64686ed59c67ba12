/** Asks the site again and again how its runs are. */
import { useEffect, useRef, useState } from "preact/hooks";
import { RunsState } from "./runs.ts";

/** What a page that watches knows. */
export interface Watched {
  runs: RunsState;
  /** `performance.now()` when it was heard; null for what the page came with. */
  heardAt: number | null;
  /** Whether the last question had no answer. */
  isSilent: boolean;
}

interface UseRunsOptions {
  /** Pause between two questions while a run is under way. */
  busyMs: number;
  /** The same while none is. */
  idleMs: number;
  /** Hears each answer before it is shown; the next question waits for it. */
  onAnswer: (runs: RunsState, signal: AbortSignal) => Promise<void>;
}

const ADDRESS = "/api/v1/runs/latest";
const TIMEOUT_MS = 10_000;

/** Asks while the page is visible, at once when it becomes so, and never twice at a time. */
export function useRuns(
  initial: RunsState,
  { busyMs, idleMs, onAnswer }: UseRunsOptions,
): Watched {
  const [watched, setWatched] = useState<Watched>({
    runs: initial,
    heardAt: null,
    isSilent: false,
  });
  const hear = useRef(onAnswer);
  hear.current = onAnswer;
  useEffect(() => {
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    let isBusy = initial.running.length > 0;

    const later = () => {
      clearTimeout(timer);
      if (!end.signal.aborted && !document.hidden) {
        timer = setTimeout(ask, isBusy ? busyMs : idleMs);
      }
    };
    const ask = async () => {
      if (isAsking || document.hidden) return;
      isAsking = true;
      try {
        const runs = await fetchRuns(end.signal);
        isBusy = runs.running.length > 0;
        setWatched({ runs, heardAt: performance.now(), isSilent: false });
        await hear.current(runs, end.signal);
      } catch {
        // The site restarts or the network is away: what was heard stays, and it is asked again.
        if (!end.signal.aborted) setWatched((before) => ({ ...before, isSilent: true }));
      } finally {
        isAsking = false;
        later();
      }
    };
    const onVisibility = () => {
      clearTimeout(timer);
      void ask();
    };

    document.addEventListener("visibilitychange", onVisibility);
    later();
    return () => {
      end.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, []);
  return watched;
}

async function fetchRuns(signal: AbortSignal): Promise<RunsState> {
  const response = await fetch(ADDRESS, {
    cache: "no-store",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) throw new Error(`${ADDRESS} answers ${response.status}`);
  return RunsState.parse(await response.json());
}
