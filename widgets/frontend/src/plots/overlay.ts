// What lies over the data in either renderer: time axis, stimuli, marks and the cursor.

import type { Palette } from "./colors";
import type { Mark, Window } from "./figure";
import type { Pen } from "./paint";
import type { Scene } from "./scene";
import { ticks } from "./ticks";

export interface Cursor {
  time: number;
  values: { token: string; text: string; panel: string; share: number | null }[];
}

const HALO = 3;

export function paintOverlay(
  context: Pen, scene: Scene, palette: Palette, font: string,
  window: Window, marks: Mark[], cursor: Cursor | null,
): void {
  const { left, right, bottom, panels } = scene.geometry;
  const top = panels[0]?.top ?? 0;
  const x = (time: number): number => left + ((time - window.from) / (window.to - window.from)) * (right - left);
  context.font = `11px ${font}`;
  context.textBaseline = "middle";

  context.fillStyle = palette.faint("inp", 0.09);
  for (const { stimulus } of scene.inputs) {
    if (!stimulus || stimulus.to < window.from || stimulus.from > window.to) continue;
    const from = Math.max(left, x(stimulus.from));
    context.fillRect(from, top, Math.min(right, x(stimulus.to)) - from, bottom - top);
  }

  context.fillStyle = palette.of("ink-3");
  context.strokeStyle = palette.of("line");
  context.lineWidth = 1;
  context.textAlign = "center";
  for (const tick of ticks(window.from, window.to, Math.max(2, Math.floor((right - left) / 90)))) {
    const at = Math.round(x(tick.at)) + 0.5;
    context.beginPath();
    context.moveTo(at, bottom);
    context.lineTo(at, bottom + 4);
    context.stroke();
    context.fillText(tick.text, at, bottom + 14);
  }

  for (const mark of marks) {
    if (mark.at < window.from || mark.at > window.to) continue;
    paintMark(context, palette, font, mark.text, x(mark.at), scene.panel("spikes")?.top ?? top, bottom, left, right);
  }
  if (cursor && cursor.time >= window.from && cursor.time <= window.to) {
    paintCursor(context, scene, palette, font, cursor, x(cursor.time), top, bottom);
  }
}

function paintMark(
  context: Pen, palette: Palette, font: string, text: string,
  at: number, labelTop: number, bottom: number, left: number, right: number,
): void {
  context.strokeStyle = palette.of("accent");
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(at, labelTop - 10);
  context.lineTo(at, bottom);
  context.stroke();
  context.setLineDash([]);
  context.font = `600 11px ${font}`;
  const width = context.measureText(text).width + 16;
  const from = at - width >= left ? at - width : Math.min(at, right - width);
  tag(context, palette.of("accent"), palette.of("on-accent"), text, from, labelTop - 10, width, 20);
}

function paintCursor(
  context: Pen, scene: Scene, palette: Palette, font: string,
  cursor: Cursor, at: number, top: number, bottom: number,
): void {
  context.strokeStyle = palette.of("ink");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at, top);
  context.lineTo(at, bottom);
  context.stroke();
  context.font = `600 11px ${font}`;
  const label = `${cursor.time.toFixed(3)}`;
  const width = context.measureText(label).width + 16;
  context.textAlign = "center";
  tag(context, palette.of("ink"), palette.of("surface"), label, at - width / 2, bottom + 5, width, 18);
  for (const panel of scene.geometry.panels) {
    const values = cursor.values.filter((value) => value.panel === panel.key);
    const widths = values.map((value) => context.measureText(value.text).width + 8);
    const total = widths.reduce((sum, w) => sum + w, 0);
    let from = Math.min(at + 6, scene.geometry.right - total);
    values.forEach((value, i) => {
      context.textAlign = "left";
      context.lineWidth = HALO;
      context.strokeStyle = palette.of("surface");
      context.strokeText(value.text, from, panel.top - 12);
      context.fillStyle = palette.of(value.token);
      context.fillText(value.text, from, panel.top - 12);
      from += widths[i]!;
      if (value.share === null) return;
      context.beginPath();
      context.arc(at, panel.top + panel.height * (1 - value.share), 3.5, 0, 2 * Math.PI);
      context.fill();
      context.lineWidth = 1.5;
      context.stroke();
    });
  }
}

function tag(
  context: Pen, fill: string, ink: string, text: string,
  left: number, top: number, width: number, height: number,
): void {
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(left, top, width, height, 4);
  context.fill();
  context.fillStyle = ink;
  context.textAlign = "center";
  context.fillText(text, left + width / 2, top + height / 2 + 0.5);
}
