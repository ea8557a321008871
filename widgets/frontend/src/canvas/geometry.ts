// Where projections run: sides and slots of the nodes, and one cubic curve each.

export type Point = [x: number, y: number];
export type Outline = "triangle" | "circle" | "square" | "hexagon" | "screen";
export type Ending = "arrow" | "ball" | "none";
type Side = "l" | "r" | "t" | "b";

/** A node as the curves see it. The soma takes input, the axon gives output. */
export interface Box {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
  soma: { x: number; y: number; r: number };
  outline: Outline;
  card: boolean; // a card has an axon and a rim; otherwise the soma stands alone
}

export interface Link {
  id: string;
  source: string;
  target: string;
  inhibits: boolean;
  records: boolean;
  ending: Ending;
}

export type Cubic = [Point, Point, Point, Point];

export interface Route {
  curve: Cubic;
  path: string;
  from: Point; // on the rim of the source
  tip: Point; // on the rim of the target
  normal: Point; // outward at the target
  angle: number; // of the arrow in degrees
  label: Point;
}

const NORMAL: Record<Side, Point> = { l: [-1, 0], r: [1, 0], t: [0, -1], b: [0, 1] };
const APART = 14;
const RIM = 14; // slots stay this far from a corner
const GAP: Record<Ending, number> = { arrow: 7, ball: 5.5, none: 1 };
const AXON = 5.5;
const SHARE: Record<Outline, number> = { triangle: 20 / 52, circle: 20.5 / 52, square: 19 / 52, hexagon: 18 / 52, screen: 21 / 52 };

/** How far the drawn shape reaches to the left of its middle, `dy` below the middle. */
export function reach(outline: Outline, diameter: number, dy: number): number {
  if (outline === "triangle") {
    const y = 26 + (dy / diameter) * 52; // in the 52 px of the drawing
    return (Math.min(20, Math.max(0, ((y - 7) * 20) / 34)) / 52) * diameter + 2;
  }
  const r = SHARE[outline] * diameter;
  if (outline !== "circle") return r;
  return Math.sqrt(Math.max(0, r * r - dy * dy));
}

/** Which sides an edge leaves and enters. */
export function sides(a: Box, b: Box, link: Pick<Link, "inhibits">): [Side, Side] {
  if (a.id === b.id) return ["r", link.inhibits && a.card ? "b" : "t"];
  const left = (box: Box): number => (box.card ? box.soma.x - box.soma.r : box.x);
  const ahead = left(b) - (a.x + a.w);
  const below = b.y - (a.y + a.h);
  const above = a.y - (b.y + b.h);
  // a steep way to something only just ahead runs better over the rims
  if (ahead >= 24 && Math.max(below, above) < 4 * ahead) return ["r", "l"];
  if (below >= 16) return ["b", "t"];
  if (above >= 16) return ["t", "b"];
  if (ahead >= 0) return ["r", "l"];
  return link.inhibits ? ["b", "b"] : ["t", "t"];
}

interface End {
  link: Link;
  box: Box;
  side: Side;
  isTarget: boolean;
  want: number; // along the side
  at: number;
}

/** Routes of all edges at once: ends that share a side are kept apart. */
export function route(boxes: ReadonlyMap<string, Box>, links: readonly Link[]): Map<string, Route> {
  const ends = new Map<string, [End, End]>();
  const bySide = new Map<string, End[]>();
  for (const link of links) {
    const [a, b] = [boxes.get(link.source), boxes.get(link.target)];
    if (!a || !b) continue;
    const [sa, sb] = sides(a, b, link);
    const pair: [End, End] = [
      { link, box: a, side: sa, isTarget: false, want: wanted(a, sa, b, sb, false, link), at: 0 },
      { link, box: b, side: sb, isTarget: true, want: wanted(b, sb, a, sa, true, link), at: 0 },
    ];
    ends.set(link.id, pair);
    for (const end of pair) {
      end.at = end.want;
      // whatever leaves by the axon leaves from one point; recordings beside it
      if (end.side === "r" && !end.isTarget && end.box.card && !link.records) continue;
      const key = `${end.box.id} ${end.side}`;
      const list = bySide.get(key);
      if (list) list.push(end);
      else bySide.set(key, [end]);
    }
  }
  for (const list of bySide.values()) spread(list);
  const routes = new Map<string, Route>();
  for (const [id, [from, to]] of ends) routes.set(id, draw(from, to));
  placeLabels(routes, boxes);
  return routes;
}

/** Where an end would like to be along its side, before others are considered. */
function wanted(box: Box, side: Side, other: Box, otherSide: Side, isTarget: boolean, link: Link): number {
  const { soma } = box;
  if (!box.card) {
    if (box.id === other.id) return side === "r" ? soma.y : soma.x;
    return side === "l" || side === "r" ? soma.y : soma.x;
  }
  if (side === "l") return soma.y;
  if (side === "r") return link.records ? Math.min(box.y + box.h - RIM, soma.y + 35) : soma.y;
  if (box.id === other.id) return box.x + box.w - 48;
  if (!other.card) return clamp(other.soma.x, box.x + 44, box.x + box.w - RIM);
  const [from, to] = [Math.max(box.x, other.x), Math.min(box.x + box.w, other.x + other.w)];
  const isUp = (side === "t") !== isTarget; // the edge itself runs upward
  if (side !== otherSide && to - from >= 96) return isUp ? to - 44 : from + 44;
  const ahead = other.x + other.w / 2 - (box.x + box.w / 2);
  return clamp(box.x + box.w / 2 + Math.sign(ahead) * 18, box.x + 44, box.x + box.w - RIM);
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** Move the ends of one side to be at least 14 px apart, as near to their wishes as may be. */
function spread(list: End[]): void {
  if (list.length < 2) return;
  const { box, side } = list[0]!;
  const isAcross = side === "t" || side === "b";
  const farOf = (end: End): number => {
    const [source, target] = [end.link.source, end.link.target];
    return source === target ? Infinity : end.want;
  };
  list.sort((p, q) => p.want - q.want || farOf(p) - farOf(q) || (p.link.id < q.link.id ? -1 : 1));
  const [low, high] = isAcross && box.card ? [box.x + 40, box.x + box.w - RIM + 4] : [box.soma.y - box.soma.r, box.y + box.h];
  const room = box.card && isAcross ? Math.min(APART, (high - low) / Math.max(1, list.length - 1)) : Math.min(APART, (2 * box.soma.r) / list.length);
  const middle = list.reduce((sum, end) => sum + end.want, 0) / list.length;
  const isTight = list.every((end, i) => i === 0 || end.want - list[i - 1]!.want < room);
  if (isTight) list.forEach((end, i) => (end.at = middle + (i - (list.length - 1) / 2) * room));
  else {
    for (let i = 1; i < list.length; i++) list[i]!.at = Math.max(list[i]!.at, list[i - 1]!.at + room);
  }
  if (!(isAcross && box.card)) return;
  // push back what stands over an end of the side, then forward again
  const over = list[list.length - 1]!.at - high;
  if (over > 0) {
    list[list.length - 1]!.at = high;
    for (let i = list.length - 2; i >= 0; i--) list[i]!.at = Math.min(list[i]!.at, list[i + 1]!.at - room);
  }
  if (list[0]!.at < low) {
    list[0]!.at = low;
    for (let i = 1; i < list.length; i++) list[i]!.at = Math.max(list[i]!.at, list[i - 1]!.at + room);
  }
}

function onRim({ box, side, at, isTarget, link }: End): Point {
  const { soma } = box;
  const diameter = 2 * soma.r;
  if (!box.card) {
    const off = clamp(at - (side === "l" || side === "r" ? soma.y : soma.x), -soma.r * 0.8, soma.r * 0.8);
    const along = Math.sqrt(soma.r ** 2 - off ** 2) * 0.86;
    if (side === "l") return [soma.x - along, soma.y + off];
    if (side === "r") return [soma.x + along, soma.y + off];
    return [soma.x + off, soma.y + (side === "t" ? -along : along)];
  }
  if (side === "l") return [soma.x - reach(box.outline, diameter, at - soma.y) - 1, at];
  if (side === "r") return [box.x + box.w + (isTarget || link.records ? 0 : AXON), at];
  return [at, side === "t" ? box.y : box.y + box.h];
}

function draw(from: End, to: End): Route {
  const [x1, y1] = onRim(from);
  const tip = onRim(to);
  const [ax, ay] = NORMAL[from.side];
  const [bx, by] = NORMAL[to.side];
  const gap = GAP[to.link.ending];
  const [x2, y2] = [tip[0] + bx * gap, tip[1] + by * gap];
  const length = Math.hypot(x2 - x1, y2 - y1);
  const isLoop = from.box.id === to.box.id;
  const isBack = from.side === to.side;
  let c = Math.max(34, length * 0.42);
  if (isLoop) c = from.box.card ? 56 : from.box.soma.r * 2.2;
  else if (!from.box.card || !to.box.card) c = Math.max(from.box.soma.r, length * 0.36);
  else if (isBack) c = Math.min(120, Math.max(44, length * 0.22));
  const curve: Cubic = [[x1, y1], [x1 + ax * c, y1 + ay * c], [x2 + bx * c, y2 + by * c], [x2, y2]];
  const [p, q, r, s] = curve.map(([x, y]) => `${round(x)} ${round(y)}`) as [string, string, string, string];
  return {
    curve, path: `M${p}C${q} ${r} ${s}`, from: [x1, y1], tip, normal: [bx, by], angle: (Math.atan2(-by, -bx) * 180) / Math.PI,
    label: pointAt(curve, 0.5),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function pointAt([p, q, r, s]: Cubic, t: number): Point {
  const u = 1 - t;
  const mix = (i: 0 | 1): number => u * u * u * p[i] + 3 * u * u * t * q[i] + 3 * u * t * t * r[i] + t * t * t * s[i];
  return [mix(0), mix(1)];
}

const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26];
const PILL = { w: 74, h: 22 };

/** Put each label on its curve where it covers neither a node nor another label. */
function placeLabels(routes: ReadonlyMap<string, Route>, boxes: ReadonlyMap<string, Box>): void {
  const taken: Point[] = [];
  const cards = [...boxes.values()].filter((box) => box.card);
  const isFree = ([x, y]: Point): boolean =>
    !taken.some(([px, py]) => Math.abs(px - x) < PILL.w && Math.abs(py - y) < PILL.h) &&
    !cards.some((box) => x > box.x - 24 && x < box.x + box.w + 24 && y > box.y - 8 && y < box.y + box.h + 8);
  for (const entry of routes.values()) {
    const places = PLACES.map((t) => pointAt(entry.curve, t));
    entry.label = places.find(isFree) ?? places[0]!;
    taken.push(entry.label);
  }
}

/** The rectangle around some boxes, null for none. */
export function bounds(boxes: Iterable<Pick<Box, "x" | "y" | "w" | "h">>): { x: number; y: number; w: number; h: number } | null {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, w, h } of boxes) {
    [x0, y0] = [Math.min(x0, x), Math.min(y0, y)];
    [x1, y1] = [Math.max(x1, x + w), Math.max(y1, y + h)];
  }
  return x1 < x0 ? null : { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}

const ANGLE = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] } as const;
export type Arrow = keyof typeof ANGLE;
export const isArrow = (key: string): key is Arrow => key in ANGLE;
export const arrowStep = (key: Arrow): Point => [...ANGLE[key]];

/** The node that lies nearest in the direction of an arrow key; null at the end. */
export function neighbour(boxes: readonly Box[], from: string, key: Arrow): string | null {
  const here = boxes.find((box) => box.id === from);
  if (!here) return boxes[0]?.id ?? null;
  const [ux, uy] = ANGLE[key];
  const middle = (box: Box): Point => [box.x + box.w / 2, box.y + box.h / 2];
  const [hx, hy] = middle(here);
  let best: string | null = null;
  let cost = Infinity;
  for (const box of boxes) {
    if (box === here) continue;
    const [x, y] = middle(box);
    const along = (x - hx) * ux + (y - hy) * uy;
    const across = Math.abs((x - hx) * uy) + Math.abs((y - hy) * ux);
    if (along <= 1 || along < across * 0.35) continue;
    if (along + 2 * across < cost) [best, cost] = [box.id, along + 2 * across];
  }
  return best;
}
