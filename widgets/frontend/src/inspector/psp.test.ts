import { describe, expect, it } from "vitest";
import { onePotential } from "./psp";

const MEMBRANE = { tau: 20, resistance: 100, rest: -60, threshold: -50 };

describe("onePotential", () => {
  it("is a difference of two exponentials for a current", () => {
    // V(t) = R w tau_s / (tau - tau_s) (exp(-t / tau) - exp(-t / tau_s))
    const tau = 5;
    const found = onePotential(MEMBRANE, { shape: "Expon", tau }, { kind: "CUBA" }, 80);
    const height = (100 * 80 * 1e-3 * tau) / (20 - tau);
    found.time.forEach((t, i) => {
      const exact = t <= 0 ? 0 : height * (Math.exp(-t / 20) - Math.exp(-t / tau));
      expect(found.change[i]).toBeCloseTo(exact, 1);
    });
    const top = (tau * 20 * Math.log(20 / tau)) / (20 - tau);
    expect(found.peak).toBeCloseTo(height * (Math.exp(-top / 20) - Math.exp(-top / tau)), 1);
  });
  it("follows the exact solution for an alpha function", () => {
    const [tau, rise, weight] = [20, 4, 50];
    const found = onePotential(MEMBRANE, { shape: "Alpha", tau: rise }, { kind: "CUBA" }, weight);
    // V' = (-V + R w t / rise exp(-t / rise)) / tau
    const k = 1 / tau - 1 / rise;
    found.time.forEach((t, i) => {
      const integral = Math.exp(k * t) * (t / k - 1 / k ** 2) + 1 / k ** 2;
      const exact = t <= 0 ? 0 : ((100 * weight * 1e-3) / (tau * rise)) * Math.exp(-t / tau) * integral;
      expect(Math.abs(found.change[i]! - exact)).toBeLessThan(0.03);
    });
  });
  it("never goes beyond the reversal potential", () => {
    const found = onePotential(MEMBRANE, { shape: "Expon", tau: 10 }, { kind: "COBA", reversal: -80 }, 1e6);
    expect(found.held).toBe(-55);
    expect(found.peak).toBeGreaterThanOrEqual(-25);
    expect(found.peak).toBeLessThan(-24.9);
  });
  it("jumps and decays for a delta synapse", () => {
    const found = onePotential(MEMBRANE, { shape: "Delta" }, { kind: "none" }, 0.5);
    expect(found.peak).toBeCloseTo(0.5, 9);
    const later = found.time.findIndex((t) => t >= 20);
    expect(found.change[later]).toBeCloseTo(0.5 * Math.exp(-found.time[later]! / 20), 3);
  });
  it("rests without a threshold, and is flat before the spike", () => {
    const found = onePotential({ ...MEMBRANE, threshold: null }, { shape: "Expon", tau: 5 }, { kind: "COBA", reversal: 0 }, 6);
    expect(found.held).toBe(-60);
    expect(found.peak).toBeGreaterThan(0);
    expect(found.change[2]).toBe(0);
  });
});
