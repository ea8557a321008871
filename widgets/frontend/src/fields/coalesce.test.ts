import { describe, expect, it } from "vitest";
import { Coalescer } from "./coalesce";

class Screen {
  time = 0;
  private waiting = new Map<number, () => void>();
  private next = 1;
  now = () => this.time;
  request = (callback: () => void) => (this.waiting.set(this.next, callback), this.next++);
  cancel = (handle: number) => void this.waiting.delete(handle);
  frame() {
    this.time += 1000 / 60;
    const due = [...this.waiting.values()];
    this.waiting.clear();
    due.forEach((callback) => callback());
  }
}

const dragging = (frames: number, moves: number) => {
  const sent: [number, boolean][] = [];
  const screen = new Screen();
  const drag = new Coalescer<number>((value, done) => sent.push([value, done]), screen);
  let value = 0;
  for (let i = 0; i < frames; i++) {
    for (let k = 0; k < moves; k++) drag.move(++value);
    screen.frame();
  }
  return { sent, screen, drag, value };
};

describe("Coalescer", () => {
  it("sends at most 25 values a second, the newest ones, in order", () => {
    const { sent, value } = dragging(60, 10);
    expect(sent.length).toBeGreaterThan(15);
    expect(sent.length).toBeLessThanOrEqual(26);
    expect(sent.map(([v]) => v)).toEqual([...sent].map(([v]) => v).sort((a, b) => a - b));
    expect(value - sent.at(-1)![0]).toBeLessThan(40);
    expect(sent.every(([, done]) => !done)).toBe(true);
  });
  it("ends with the last value, once", () => {
    const { sent, screen, drag } = dragging(10, 3);
    drag.move(998);
    drag.end(999);
    for (let i = 0; i < 10; i++) screen.frame();
    expect(sent.at(-1)).toEqual([999, true]);
    expect(sent.filter(([v]) => v === 998)).toEqual([]);
  });
  it("sends what waits even when the hand stops", () => {
    const { sent, screen, drag } = dragging(1, 1);
    drag.move(2);
    for (let i = 0; i < 5; i++) screen.frame();
    expect(sent.at(-1)).toEqual([2, false]);
  });
  it("is silent after a stop", () => {
    const { sent, screen, drag } = dragging(0, 0);
    drag.move(1);
    drag.stop();
    screen.frame();
    expect(sent).toEqual([]);
  });
});
