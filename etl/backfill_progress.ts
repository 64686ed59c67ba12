/** How far backfills are, and what the rest will take, as far as the pages so far tell. */
import type { Backfill } from "../db/backfills.ts";
import { intervalDurationMs } from "../market/interval.ts";
import { describeCredits } from "./progress.ts";
import type { RunDependencies } from "./record.ts";
import { MAX_PAGE } from "./window.ts";

/** Reports the progress of backfills, in per cent of their time. */
export interface BackfillProgress {
  /** Tells what is worked on, after a page of so many candles is stored. */
  show(backfill: Backfill, candles: number): Promise<void>;
  end(): void;
}

/** Follows the backfills, whose `reachedAt` move on; silent when nobody listens. */
export function showBackfill(
  { now, credits, onProgress }: Pick<RunDependencies, "now" | "credits" | "onProgress">,
  backfills: readonly Backfill[],
): BackfillProgress {
  const left = () =>
    backfills.reduce(
      (sum, { reachedAt, wantedFrom }) => sum + reachedAt.getTime() - wantedFrom.getTime(),
      0,
    );
  const total = left();
  const startedAt = now().getTime();
  let stored = 0;
  let pages = 0;
  return {
    async show({ symbol, candleInterval }, candles) {
      if (!onProgress) return;
      stored += candles;
      if (candles > 0) pages++;
      const done = total - left();
      const seconds = (now().getTime() - startedAt) / 1000;
      // Until the first page tells how much time it holds, a market that never closes is taken.
      const pageMs = pages > 0 ? done / pages : MAX_PAGE * intervalDurationMs(candleInterval);
      const credit = await describeCredits(credits, Math.ceil(left() / Math.max(1, pageMs)));
      const parts = [
        `${stored.toLocaleString("en-US")} candles`,
        seconds > 0 ? `${Math.round(stored / seconds).toLocaleString("en-US")}/s` : undefined,
        // Where credits are short they say when it ends, and not the speed.
        credit ?? (done > 0 ? `${formatLeft(seconds * left() / done)} left` : undefined),
      ];
      onProgress({
        done: total === 0 ? 100 : Math.floor(100 * done / total),
        total: 100,
        label: `${symbol} ${candleInterval}`,
        detail: parts.filter((part) => part !== undefined).join(" · "),
      });
    },
    end: () => onProgress?.({ done: 100, total: 100, label: "done" }),
  };
}

function formatLeft(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
