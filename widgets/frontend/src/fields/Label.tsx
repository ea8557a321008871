// The left half of a field: name, symbol, help and pin.

import { Icon } from "../icons";
import { useDocument, useEdit, useReadOnly } from "./link";
import { Help, Symbol } from "./parts";
import type { FieldSpec } from "./spec";

export function Label({ spec, name, htmlFor, prefix }: { spec: FieldSpec; name: string; htmlFor: string; prefix: React.ReactNode }): React.ReactNode {
  return (
    <span className="lab">
      <label htmlFor={htmlFor}>
        {prefix}
        {prefix ? <span className="text">{spec.label.toLocaleLowerCase() || <Symbol text={spec.symbol} />}</span> : <span className="text">{spec.label}</span>}
        {spec.symbol && !prefix && <Symbol text={spec.symbol} />}
      </label>
      {!prefix && <Help name={name} text={spec.help} source={spec.source} />}
    </span>
  );
}

export function Pin({ element, path, name }: { element: string | null; path: string; name: string }): React.ReactNode {
  const doc = useDocument();
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const owner = doc.nodes.find((node) => node.id === element) ?? doc.edges.find((edge) => edge.id === element);
  if (!owner || path === "label" || path.endsWith("kind")) return null;
  const pins = owner.pins ?? [];
  const isPinned = pins.includes(path);
  const value = isPinned ? pins.filter((pin) => pin !== path) : [...pins, path];
  const label = isPinned ? `Unpin ${name}` : `Pin ${name}`;
  return (
    <button
      type="button" className={`mini${isPinned ? " on" : ""}`} aria-pressed={isPinned} aria-label={`Pin ${name}`}
      title={isPinned ? "Take away from the live controls" : "Show on the node and among the live controls"} disabled={isReadOnly}
      onClick={() => void edit([{ op: "set", element, field: "pins", value }], { label })}
    >
      <Icon name="pin" size={14} />
    </button>
  );
}
