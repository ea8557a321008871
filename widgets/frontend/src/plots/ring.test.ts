import { describe, expect, it } from "vitest";
import { Ring } from "./ring";

const ring = (capacity: number, limit = capacity) => new Ring((n) => new Float32Array(n), capacity, limit);
const push = (r: ReturnType<typeof ring>, ...times: number[]) =>
  r.push(times.length, (i) => times[i]!, (i) => times[i]! * 10);
const times = (r: ReturnType<typeof ring>) => [...r.arrays().time];

describe("Ring", () => {
  it("keeps the newest", () => {
    const r = ring(4);
    push(r, 1, 2, 3);
    push(r, 4, 5);
    expect(times(r)).toEqual([2, 3, 4, 5]);
    expect([...r.arrays().value]).toEqual([20, 30, 40, 50]);
    push(r, 6, 7, 8, 9, 10, 11);
    expect(times(r)).toEqual([8, 9, 10, 11]);
  });
  it("grows up to its limit", () => {
    const r = ring(2, 5);
    for (let t = 0; t < 8; t++) push(r, t);
    expect(times(r)).toEqual([3, 4, 5, 6, 7]);
  });
  it("forgets what is older than the window", () => {
    const r = ring(8);
    push(r, 1, 2, 3, 4);
    r.forget(3);
    expect(times(r)).toEqual([3, 4]);
    r.forget(100);
    expect(r.length).toBe(0);
  });
  it("finds the value at a time", () => {
    const r = ring(4);
    push(r, 1, 2, 3, 4, 5, 6);
    expect(r.before(4.5)).toBe(40);
    expect(r.before(6)).toBe(60);
    expect(r.before(2.9)).toBeNull();
  });
  it("agrees with a plain list whatever is done to it", () => {
    const r = ring(3, 17);
    let list: number[] = [];
    let t = 0;
    let state = 7;
    const random = (n: number) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
    for (let i = 0; i < 500; i++) {
      const added = Array.from({ length: random(9) }, () => t++);
      push(r, ...added);
      list = [...list, ...added].slice(-17);
      if (random(5) === 0) {
        const before = t - random(20);
        r.forget(before);
        list = list.filter((x) => x >= before);
      }
      expect(times(r)).toEqual(list);
      const walked = r.runs().flatMap((run) => [...run.time.subarray(run.from, run.to)]);
      expect(walked).toEqual(list);
    }
  });
});
