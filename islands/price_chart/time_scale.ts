/** The time axis by any zone's clock: candles keep their instants, marks and labels are local. */
import {
  defaultHorzScaleBehavior,
  type IHorzScaleBehavior,
  type TickMark,
  type Time,
  type TimeScalePoint,
} from "lightweight-charts";
import { tickLabel, tickWeight } from "./ticks.ts";
import type { WallClock } from "./wall_clock.ts";

/**
 * The library's behaviour, but for the weight of marks, which it takes from UTC. A candle at 23:00 UTC
 * would else begin the day in the middle of New York's evening.
 */
export function zonedScale(clockAtHand: () => WallClock): IHorzScaleBehavior<Time> {
  class ZonedScale extends defaultHorzScaleBehavior() {
    override fillWeightsForPoints(
      points: readonly { -readonly [Key in keyof TimeScalePoint]: TimeScalePoint[Key] }[],
      startIndex: number,
    ): void {
      const clock = clockAtHand();
      const wallAt = (index: number) => clock(points[index]!.originalTime as number);
      // The first candle of all follows none: it is taken for one that begins nothing.
      let previous = points.length > 0 ? wallAt(Math.max(0, startIndex - 1)) : 0;
      for (let index = startIndex; index < points.length; index++) {
        const wall = wallAt(index);
        points[index]!.timeWeight = tickWeight(wall, previous) as TimeScalePoint["timeWeight"];
        previous = wall;
      }
    }

    override formatTickmark({ originalTime, weight }: TickMark): string {
      return tickLabel(clockAtHand()(originalTime as number), weight);
    }
  }
  return new ZonedScale();
}
