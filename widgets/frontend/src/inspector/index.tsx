// The right-hand pane: everything about what is selected, or about the whole drawing.

import { useEffect, useRef } from "react";
import { Soma } from "../canvas/Soma";
import { Field } from "../fields";
import { useCatalogue, useDocument, useEdit, useElementProblems, useReadOnly, useRevealed, useSelection } from "../fields/link";
import { Message } from "../fields/parts";
import { Icon } from "../icons";
import { fieldSpec, findEdge, findNode, nodeKind } from "../fields/spec";
import { useHue } from "../plots/useHue";
import type { Catalogue, Doc, DocEdge, DocNode } from "../protocol";
import { titleOf } from "../document";
import { useActions, useEditor } from "../store";
import { Effect } from "./Effect";
import { edgeFact, inputsPerNeuron, nodeFact, wiring } from "./facts";
import { Rename } from "./Rename";
import { commonPaths, edgeSections, nodeSections, type Section } from "./sections";
import { SectionView } from "./SectionView";
import "./inspector.css";

export function Inspector(): React.ReactNode {
  const doc = useDocument();
  const selection = useSelection();
  const pane = useRef<HTMLDivElement>(null);
  const revealed = useRevealed();
  const latest = useRef(selection);
  latest.current = selection;
  useEffect(() => {
    if (revealed && latest.current.includes(revealed.id)) focusField(pane.current, revealed.field);
  }, [revealed]);
  return (
    <div ref={pane} className="nl-inspect">
      <Selected doc={doc} selection={selection} />
    </div>
  );
}

/** Put the focus on a field, opening nothing: its section is open already. */
function focusField(pane: HTMLElement | null, field: string | null): void {
  const path = field === null ? null : CSS.escape(field);
  const target =
    field === "label" || field === "graph.name"
      ? pane?.querySelector<HTMLElement>("[data-rename]")
      : path && pane?.querySelector<HTMLElement>(`[data-field="${path}"] :is(input, select)`);
  if (!target) return;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
}

function Selected({ doc, selection }: { doc: Doc; selection: string[] }): React.ReactNode {
  const known = selection.filter((id) => findNode(doc, id) ?? findEdge(doc, id));
  const [first] = known;
  if (first === undefined) return <DocumentPane />;
  if (known.length > 1) return <ManyPane ids={known} />;
  const node = findNode(doc, first);
  return node ? <NodePane key={first} node={node} /> : <EdgePane key={first} edge={findEdge(doc, first)!} />;
}

function Pane({ label, title, fact, children }: { label: string; title: React.ReactNode; fact: string; children: React.ReactNode }): React.ReactNode {
  const { select, setPanes } = useActions();
  const selection = useSelection();
  const isKept = useEditor((state) => state.panes.inspector);
  return (
    <aside className="nl-inspector" aria-label={label}>
      <div className="nl-ihead">
        <div className="t">
          {title}
          {(selection.length > 0 || isKept) && (
            <button
              type="button" className="nl-btn icon sm" aria-label="Close the inspector" title="Close (Esc)"
              onClick={() => {
                select([]);
                setPanes({ inspector: false });
              }}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
        <div className="d">{fact}</div>
      </div>
      <div className="body">{children}</div>
    </aside>
  );
}

function NodePane({ node }: { node: DocNode }): React.ReactNode {
  const doc = useDocument();
  const catalogue = useCatalogue();
  const edit = useEdit();
  const isReadOnly = useReadOnly();
  const kind = nodeKind(catalogue, node.kind);
  const mute = (
    <button
      type="button" className="nl-btn sm" aria-pressed={node.muted === true} disabled={isReadOnly}
      onClick={() => void edit([{ op: "set", element: node.id, field: "muted", value: !node.muted }], { label: node.muted ? "Unmute" : "Mute" })}
    >
      {node.muted ? "Unmute" : "Mute"}
    </button>
  );
  const title = (
    <>
      <NodeGlyph node={node} />
      <Rename element={node.id} value={node.label} label="Name" />
      {kind?.shape !== "probe" && mute}
    </>
  );
  return (
    <Pane label={`${node.label}, settings`} title={title} fact={nodeFact(doc, catalogue, node)}>
      <OtherProblems element={node.id} />
      {nodeSections(doc, catalogue, node).map((section) => (
        <SectionView key={section.key} element={node.id} section={section} note={changedNote(doc, catalogue, node.id, section)} />
      ))}
      <Ports node={node} />
    </Pane>
  );
}

function EdgePane({ edge }: { edge: DocEdge }): React.ReactNode {
  const doc = useDocument();
  const catalogue = useCatalogue();
  const source = findNode(doc, edge.source);
  const target = findNode(doc, edge.target);
  const hue = useHue(edge.source);
  const arrow = source?.sign === -1 ? "⊸" : "→";
  const title = (
    <>
      {source && <NodeGlyph node={source} />}
      <span className="name">{source?.label}</span>
      <span style={{ color: `var(--nl-${hue})` }} aria-hidden="true">{arrow}</span>
      <span className="nl-hidden">to</span>
      {target && <NodeGlyph node={target} />}
      <span className="name">{target?.label}</span>
      <span className="sp" />
    </>
  );
  const made = wiring(doc, catalogue, edge);
  const output = catalogue.outputs.find((kind) => kind.key === edge.output?.kind)?.label;
  const notes: Record<string, string> = { rule: inputsPerNeuron(made), synapse: output ?? "" };
  return (
    <Pane label={`Projection ${source?.label ?? ""} to ${target?.label ?? ""}`} title={title} fact={edgeFact(doc, catalogue, edge)}>
      <OtherProblems element={edge.id} />
      {edgeSections(doc, catalogue, edge).map((section) => (
        <SectionView key={section.key} element={edge.id} section={section} note={notes[section.key] ?? ""} />
      ))}
      <Effect edge={edge} />
    </Pane>
  );
}

/** Several at once: what they have in common; one edit goes to all of them. */
function ManyPane({ ids }: { ids: string[] }): React.ReactNode {
  const doc = useDocument();
  const catalogue = useCatalogue();
  const names = ids.map((id) => titleOf(doc, id).replace(/ projection$/, ""));
  const paths = commonPaths(doc, catalogue, ids);
  const [first, ...others] = ids as [string, ...string[]];
  const title = (
    <>
      <span className="name">{ids.length} selected</span>
      <span className="sp" />
    </>
  );
  return (
    <Pane label={`${ids.length} selected`} title={title} fact={names.slice(0, 6).join(", ") + (names.length > 6 ? ", …" : "")}>
      <section className="nl-sec">
        <h4>
          In common
          <span>edits go to all</span>
        </h4>
        {paths.length === 0 && <p className="nl-note">They have no setting in common.</p>}
        {paths.map((path) => (
          <Field key={path} element={first} path={path} others={others} />
        ))}
      </section>
    </Pane>
  );
}

function DocumentPane(): React.ReactNode {
  const doc = useDocument();
  const title = <Rename element={null} value={doc.name} label="Name of the drawing" />;
  const fact = `${count(doc.nodes.length, "node")}, ${count(doc.edges.length, "projection")}`;
  return (
    <Pane label="Drawing, settings" title={title} fact={fact}>
      <section className="nl-sec">
        <h4>Simulation</h4>
        {["graph.dt", "graph.seed", "graph.precision"].map((path) => (
          <Field key={path} element={null} path={path} />
        ))}
      </section>
      <p className="hint">Select a population or a projection to see its values. With nothing selected this pane is about the whole drawing.</p>
    </Pane>
  );
}

/** Problems that belong to the element but to no field that is shown. */
function OtherProblems({ element }: { element: string }): React.ReactNode {
  const problems = useElementProblems(element).filter((problem) => problem.field === null);
  const edit = useEdit();
  if (problems.length === 0) return null;
  return (
    <section className="nl-sec">
      {problems.map((problem, i) => (
        <Message key={problem.code + i} problem={problem} onFix={(ops, label) => void edit(ops, { label })} />
      ))}
    </section>
  );
}

function Ports({ node }: { node: DocNode }): React.ReactNode {
  const catalogue = useCatalogue();
  const ports = nodeKind(catalogue, node.kind)?.ports ?? [];
  if (ports.length === 0) return null;
  const words = (direction: "in" | "out"): string =>
    ports.filter((port) => port.direction === direction).map((port) => port.label || port.name).join(", ");
  const [takes, gives] = [words("in"), words("out")];
  return (
    <section className="nl-sec nl-ports" aria-label="Ports">
      {takes && <p><span>Takes</span>{takes}</p>}
      {gives && <p><span>Gives</span>{gives}</p>}
    </section>
  );
}

function NodeGlyph({ node }: { node: DocNode }): React.ReactNode {
  const catalogue = useCatalogue();
  const hue = useHue(node.id);
  const kind = nodeKind(catalogue, node.kind);
  return <Soma shape={kind?.shape ?? "population"} sign={node.sign ?? 0} glyph={kind?.glyph ?? ""} diameter={22} hue={hue} stroke={3.5} />;
}

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

/** "3 of 6 changed". */
function changedNote(doc: Doc, catalogue: Catalogue, id: string, { title, shown, folded }: Section): string {
  const all = [...shown, ...folded];
  const changed = all.filter((path) => fieldSpec(doc, catalogue, id, path)?.isChanged).length;
  return title && changed > 0 ? `${changed} of ${all.length} changed` : "";
}
