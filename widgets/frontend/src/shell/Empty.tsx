// What an empty drawing shows: one example to run at once, three more, and how to begin alone.

import { Soma } from "../canvas/Soma";
import { Icon } from "../icons";
import type { Example } from "../protocol";
import { useActions, useEditor } from "../store";
import { Thumbnail } from "./Thumbnail";

const FIRST = ["first", "balanced"];
const MORE = ["neuron", "winner", "synfire"];

export function Empty({ onRun }: { onRun(): void }): React.ReactNode {
  const examples = useEditor((state) => state.examples);
  const { file } = useActions();
  const first = FIRST.flatMap((key) => examples.find((each) => each.key === key) ?? [])[0] ?? examples[0];
  const rest = examples.filter((each) => each !== first);
  const chosen = MORE.flatMap((key) => rest.find((each) => each.key === key) ?? []);
  const more = [...chosen, ...rest.filter((each) => !chosen.includes(each))].slice(0, 3);
  return (
    <div className="nl-empty">
      <Ghost />
      <h2>{first ? "Open the example, then drag a slider and watch the spikes answer." : "Drag a shape from the left, then connect it."}</h2>
      {first && (
        <>
          <button
            type="button" className="nl-btn primary go"
            onClick={() => void file("example", first.key).then((answer) => !answer.problems?.length && onRun())}
          >
            <Icon name="play" />
            {`Open and run: ${first.title}`}
          </button>
          <p className="quiet">{first.text}</p>
        </>
      )}
      {more.length > 0 && (
        <div className="cards">
          {more.map((example) => (
            <Card key={example.key} example={example} onOpen={() => void file("example", example.key)} />
          ))}
        </div>
      )}
      <p className="quiet alone">
        or drag a shape from the left, or press <kbd>A</kbd> to add one
      </p>
    </div>
  );
}

function Card({ example, onOpen }: { example: Example; onOpen(): void }): React.ReactNode {
  return (
    <button type="button" className="card" onClick={onOpen} aria-label={`Example: ${example.title}`}>
      <Thumbnail name={example.key} />
      <b>{example.title}</b>
      <small>{example.text}</small>
    </button>
  );
}

/** What a drawing looks like: an input, two populations, a probe. */
function Ghost(): React.ReactNode {
  const place = (left: number, top: number, child: React.ReactNode): React.ReactNode => <span style={{ left, top }}>{child}</span>;
  return (
    <div className="ghost" aria-hidden="true">
      <svg width="560" height="150" viewBox="0 0 560 150" fill="none" strokeLinecap="round">
        <path d="M106 75C150 75 150 40 214 40M106 80C160 86 160 116 216 116" stroke="var(--nl-inp)" strokeWidth="2" />
        <path d="m221 40-10-5 2.5 5-2.5 5ZM223 116l-10-5 2.5 5-2.5 5Z" fill="var(--nl-inp)" />
        <path d="M280 44C330 50 330 90 286 108" stroke="var(--nl-exc)" strokeWidth="2.5" />
        <path d="m279 111 11.5-.5-4-3 .5-6Z" fill="var(--nl-exc)" />
        <path d="M222 104C186 92 188 66 215 55" stroke="var(--nl-inh)" strokeWidth="2.5" />
        <circle cx="218" cy="54" r="4.500" fill="var(--nl-inh)" />
        <path d="M288 34C340 24 380 74 430 75M290 120C340 130 380 82 430 80" stroke="var(--nl-probe)" strokeWidth="1.800" strokeDasharray="1 5" />
      </svg>
      {place(58, 51, <Soma shape="input" sign={0} glyph="poisson" diameter={48} hue="inp" />)}
      {place(222, 5, <Soma shape="population" sign={1} diameter={62} hue="exc" level={0.4} />)}
      {place(224, 85, <Soma shape="population" sign={-1} diameter={58} hue="inh" level={0.3} />)}
      {place(436, 43, <Soma shape="probe" sign={0} glyph="spikes" diameter={68} hue="probe" />)}
    </div>
  );
}
