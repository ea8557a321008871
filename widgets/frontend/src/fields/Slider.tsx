// A slider that knows units: plausible band, default notch, and where it was before.

import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { Coalescer } from "./coalesce";
import { join, pretty, trim } from "./quantity";
import { moved, paged, place, valueAt, type Scale } from "./scale";

export interface SliderProps {
  name: string;
  unit: string;
  value: number;
  scale: Scale;
  band: [number, number] | null;
  initial: number | null; // the default
  disabled: boolean;
  describedBy?: string;
  /** Every value under the hand, for the eye. */
  onPreview(value: number): void;
  /** Some of them and always the last, for the kernel; one gesture is one undo step. */
  onChange(value: number, gesture: number, done: boolean): void;
  onReset(): void;
  onType(): void;
}

interface Hand {
  pointer: number | null; // null while keys move it
  gesture: number;
  from: number;
  value: number;
  moved: boolean;
  offset: number;
}

let gestures = 0;
/** A number for one drag: all of its edits fold into one step of undo. */
export const nextGesture = (): number => ++gestures;

const RADIUS = 7.5;

export function Slider(props: SliderProps): React.ReactNode {
  const { name, unit, value, scale, band, initial, disabled } = props;
  const track = useRef<HTMLDivElement>(null);
  const [was, setWas] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const hand = useRef<Hand | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const sender = useRef<Coalescer<Hand>>(null);
  sender.current ??= new Coalescer((at, done) => latest.current.onChange(at.value, at.gesture, done));
  useEffect(() => () => sender.current?.stop(), []);

  /** Go to a value as part of the gesture. */
  const go = (next: number): void => {
    const at = hand.current!;
    if (next === at.value) return;
    at.value = next;
    at.moved = true;
    latest.current.onPreview(next);
    sender.current!.move({ ...at });
  };
  const finish = (): void => {
    const at = hand.current;
    hand.current = null;
    if (!at?.moved) return;
    setWas(at.from);
    sender.current!.end(at);
  };
  const shareAt = (clientX: number): number => {
    const box = track.current!.getBoundingClientRect();
    return (clientX - box.left) / Math.max(1, box.width);
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (disabled || event.button !== 0) return;
    event.preventDefault();
    track.current!.focus();
    track.current!.setPointerCapture(event.pointerId);
    const share = shareAt(event.clientX);
    const thumb = place(scale, value);
    const width = track.current!.getBoundingClientRect().width;
    // taken by the thumb it keeps its distance to the hand; elsewhere it jumps there
    const isOnThumb = Math.abs(share - thumb) * width <= 12;
    finish();
    hand.current = {
      pointer: event.pointerId, gesture: nextGesture(), from: value, value, moved: false, offset: isOnThumb ? thumb - share : 0,
    };
    if (!isOnThumb) go(valueAt(scale, share));
  };
  const onPointerMove = (event: PointerEvent): void => {
    const at = hand.current;
    if (at && at.pointer === event.pointerId) go(valueAt(scale, shareAt(event.clientX) + at.offset));
  };
  const onPointerEnd = (event: PointerEvent): void => {
    if (hand.current?.pointer === event.pointerId) finish();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = keyed(event, scale, value);
    if (event.key === "Enter") props.onType();
    else if (event.key === "Backspace" && !disabled) props.onReset();
    else if (next === null) return;
    else if (!disabled) {
      // a key that is held is one gesture, as a drag is
      hand.current ??= { pointer: null, gesture: nextGesture(), from: value, value, moved: false, offset: 0 };
      go(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const left = (v: number): { left: string } => ({ left: `${place(scale, v) * 100}%` });
  return (
    <div
      ref={track}
      className={`nl-sl${disabled ? " lock" : ""}`}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={scale.low}
      aria-valuemax={scale.high}
      aria-valuenow={value}
      aria-valuetext={join(value, unit)}
      aria-disabled={disabled || undefined}
      aria-describedby={props.describedBy}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onDoubleClick={() => !disabled && props.onReset()}
      onKeyDown={onKeyDown}
      onKeyUp={() => hand.current?.pointer === null && finish()}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        finish();
      }}
    >
      <span className="tr" />
      {band && (
        <span className="band" style={{ ...left(band[0]), right: `${(1 - place(scale, band[1])) * 100}%` }} />
      )}
      <span className="fill" style={{ width: `${place(scale, value) * 100}%` }} />
      {initial !== null && initial !== value && <span className="def" style={left(initial)} />}
      {was !== null && was !== value && <span className="was" style={left(was)} />}
      <span className="th" style={{ left: `clamp(${RADIUS}px, ${place(scale, value) * 100}%, calc(100% - ${RADIUS}px))` }} />
      {focused && (
        <span className="ends" aria-hidden="true">
          <span>{pretty(trim(scale.low, 3))}</span>
          {band && <span>{`usual ${pretty(trim(band[0], 3))} to ${pretty(trim(band[1], 3))}`}</span>}
          <span>{pretty(join(scale.high, unit))}</span>
        </span>
      )}
    </div>
  );
}

/** The value after a key, null for keys that do not move a slider. */
function keyed(event: KeyboardEvent, scale: Scale, value: number): number | null {
  const by = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case "ArrowRight":
    case "ArrowUp":
      return moved(scale, value, by);
    case "ArrowLeft":
    case "ArrowDown":
      return moved(scale, value, -by);
    case "PageUp":
      return paged(scale, value, 1);
    case "PageDown":
      return paged(scale, value, -1);
    case "Home":
      return scale.low;
    case "End":
      return scale.high;
    default:
      return null;
  }
}
