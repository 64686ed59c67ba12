/** Lines of indicators, drawn from the columns: at the scale of the series that they hang on. */
import type {
  AutoscaleInfo,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";

export interface DrawnLine {
  /** One a candle; the line is lifted where there is none. */
  values: readonly (number | null)[];
  color: string;
  /** Bars from zero instead of a line, in `color` above it and in this colour below. */
  fallingColor?: string;
  isDashed?: boolean;
}

const WIDTH_PX = 1.5;
const BAR_SHARE = 0.6;
const DASH_PX = [5, 4];

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

/**
 * The library's own line series would do but for three things: it draws across values that are missing, it
 * has each line begin at 0 % of its own in per cent, and it keeps a copy of every value.
 */
export class LinesPrimitive implements ISeriesPrimitive<Time> {
  #lines: readonly DrawnLine[] = [];
  #host: SeriesAttachedParameter<Time> | null = null;
  readonly #views: readonly IPrimitivePaneView[] = [
    { renderer: () => ({ draw: (target) => this.#draw(target) }) },
  ];

  setLines(lines: readonly DrawnLine[]): void {
    this.#lines = lines;
    this.#host?.requestUpdate();
  }

  attached(host: SeriesAttachedParameter<Time>): void {
    this.#host = host;
  }

  detached(): void {
    this.#host = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  /** The scale makes room for what is drawn. */
  autoscaleInfo(start: Logical, end: Logical): AutoscaleInfo | null {
    let minValue = Infinity;
    let maxValue = -Infinity;
    for (const { values, fallingColor } of this.#lines) {
      if (fallingColor !== undefined) {
        minValue = Math.min(minValue, maxValue = Math.max(maxValue, 0));
      }
      for (let at = Math.max(0, Math.floor(start)); at <= end && at < values.length; at++) {
        const value = values[at]!;
        if (value === null) continue;
        if (value < minValue) minValue = value;
        if (value > maxValue) maxValue = value;
      }
    }
    return minValue > maxValue ? null : { priceRange: { minValue, maxValue } };
  }

  #draw(target: Target): void {
    const range = this.#host?.chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    target.useBitmapCoordinateSpace((scope) => {
      scope.context.save();
      scope.context.scale(scope.horizontalPixelRatio, scope.verticalPixelRatio);
      for (const line of this.#lines) {
        // One candle beyond each edge, so that a line comes from outside.
        const from = Math.max(0, Math.floor(range.from) - 1);
        const to = Math.min(line.values.length - 1, Math.ceil(range.to) + 1);
        if (line.fallingColor === undefined) this.#drawLine(scope.context, line, from, to);
        else this.#drawBars(scope.context, line, line.fallingColor, from, to);
      }
      scope.context.restore();
    });
  }

  #drawLine(
    context: CanvasRenderingContext2D,
    { values, color, isDashed }: DrawnLine,
    from: number,
    to: number,
  ): void {
    context.beginPath();
    context.setLineDash(isDashed ? DASH_PX : []);
    context.strokeStyle = color;
    context.lineWidth = WIDTH_PX;
    context.lineJoin = "round";
    let isDown = false;
    for (let at = from; at <= to; at++) {
      const point = this.#pointOf(at, values[at]!);
      if (point === null) isDown = false;
      else if (isDown) context.lineTo(...point);
      else {
        context.moveTo(...point);
        isDown = true;
      }
    }
    context.stroke();
  }

  #drawBars(
    context: CanvasRenderingContext2D,
    { values, color }: DrawnLine,
    fallingColor: string,
    from: number,
    to: number,
  ): void {
    const width = Math.max(1, this.#host!.chart.timeScale().options().barSpacing * BAR_SHARE);
    const zero = this.#host!.series.priceToCoordinate(0);
    if (zero === null) return;
    for (let at = from; at <= to; at++) {
      const value = values[at]!;
      const point = this.#pointOf(at, value);
      if (point === null) continue;
      context.fillStyle = value! < 0 ? fallingColor : color;
      context.fillRect(point[0] - width / 2, zero, width, point[1] - zero);
    }
  }

  #pointOf(index: number, value: number | null): [x: number, y: number] | null {
    if (value === null) return null;
    const { chart, series } = this.#host!;
    const x = chart.timeScale().logicalToCoordinate(index as Logical);
    const y = series.priceToCoordinate(value);
    return x === null || y === null ? null : [x, y];
  }
}
