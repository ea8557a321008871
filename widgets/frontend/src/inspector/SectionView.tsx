// A group of fields; what is seldom needed waits under a fold.

import { useState } from "react";
import { Field } from "../fields";
import { useRevealed } from "../fields/link";
import { Icon } from "../icons";
import type { Section } from "./sections";

export function SectionView({ element, section, note }: { element: string; section: Section; note: string }): React.ReactNode {
  const { title, shown, folded } = section;
  const asked = useRevealed();
  // to open an element is to ask for all of its fields
  const isAsked = asked?.id === element && (asked.field === null || folded.includes(asked.field));
  const [choice, setOpen] = useState<boolean | null>(null);
  const isOpen = choice ?? isAsked;
  if (shown.length + folded.length === 0) return null;
  return (
    <section className="nl-sec" aria-label={title || undefined}>
      {title && shown.length > 0 && (
        <h4>
          {title}
          {note && <span>{note}</span>}
        </h4>
      )}
      {shown.map((path) => (
        <Field key={path} element={element} path={path} />
      ))}
      {folded.length > 0 && (
        <button type="button" className="nl-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? "down" : "right"} size={14} />
          <b>{shown.length > 0 ? `All ${title.toLocaleLowerCase()}` : title}</b>
          <span>{folded.length}</span>
        </button>
      )}
      {isOpen && folded.map((path) => <Field key={path} element={element} path={path} />)}
    </section>
  );
}
