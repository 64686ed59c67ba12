/** Where names stand beside the points of a chart that the server draws without knowing its width. */

interface NamedPoint {
  name: string;
  /** Per cent of the plot from its left and from its top. */
  x: number;
  y: number;
}

/** Of a name relative to its point, in pixels. */
export interface LabelPlace {
  dx: number;
  dy: number;
  anchor: "start" | "middle" | "end";
}

/** The narrowest plot, that of a phone: what is apart there is apart in a wider one. */
const PLOT_PX = { width: 250, height: 260 };
const LETTER_PX = 7.5;
const LINE_PX = 15;
const DOT_PX = 6;

const PLACES: readonly LabelPlace[] = [
  { dx: 9, dy: 4, anchor: "start" },
  { dx: -9, dy: 4, anchor: "end" },
  { dx: 0, dy: -10, anchor: "middle" },
  { dx: 0, dy: 19, anchor: "middle" },
  { dx: 7, dy: -8, anchor: "start" },
  { dx: 7, dy: 16, anchor: "start" },
  { dx: -7, dy: -8, anchor: "end" },
  { dx: -7, dy: 16, anchor: "end" },
];

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** For each point the first place that lies on nothing and in the plot, else the one that lies on least. */
export function placeLabels(points: readonly NamedPoint[]): LabelPlace[] {
  const dots = points.map(({ x, y }) => {
    const [left, top] = [x / 100 * PLOT_PX.width, y / 100 * PLOT_PX.height];
    return { left: left - DOT_PX, right: left + DOT_PX, top: top - DOT_PX, bottom: top + DOT_PX };
  });
  const taken: Box[] = [...dots];
  return points.map((point, at) => {
    const others = taken.filter((box) => box !== dots[at]);
    const candidates = PLACES.map((place) => {
      const box = labelBox(point, place);
      const covered = others.reduce((sum, other) => sum + overlap(box, other), outside(box));
      return { place, box, covered };
    });
    const best = candidates.reduce((a, b) => b.covered < a.covered ? b : a);
    taken.push(best.box);
    return best.place;
  });
}

function labelBox({ name, x, y }: NamedPoint, { dx, dy, anchor }: LabelPlace): Box {
  const width = name.length * LETTER_PX;
  const at = x / 100 * PLOT_PX.width + dx;
  const left = anchor === "start" ? at : anchor === "end" ? at - width : at - width / 2;
  const bottom = y / 100 * PLOT_PX.height + dy + 3;
  return { left, right: left + width, top: bottom - LINE_PX, bottom };
}

/** Square pixels that two boxes share. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Square pixels of a box that are not in the plot. */
function outside(box: Box): number {
  const plot = { left: 0, right: PLOT_PX.width, top: 0, bottom: PLOT_PX.height };
  return (box.right - box.left) * (box.bottom - box.top) - overlap(box, plot);
}
