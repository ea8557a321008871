// Every node and projection in a table, with the same values as in the inspector.

import { useId } from "react";
import { Soma } from "../canvas/Soma";
import { titleOf } from "../document";
import { useEdit, useReadOnly, useSpec } from "../fields/link";
import type { Send } from "../fields/shared";
import { Plain } from "../fields/ValueInput";
import { Icon } from "../icons";
import { kindOf } from "../document";
import { useHue } from "../plots/useHue";
import type { DocEdge, DocNode } from "../protocol";
import { useActions, useEditor } from "../store";

const NODE_COLUMNS = [["Name", "label"], ["Model", "kind"], ["Neurons", "size"], ["Threshold", "params.V_th"], ["Rate", "params.rate"], ["Amplitude", "params.amplitude"]] as const;
const EDGE_COLUMNS = [["Rule", "rule.kind"], ["Probability", "rule.params.prob"], ["Synapse", "synapse.kind"], ["Weight", "weight"], ["Delay", "delay"], ["Decay", "synapse.params.tau"]] as const;

export function TableView(): React.ReactNode {
  const nodes = useEditor((state) => state.document.nodes);
  const edges = useEditor((state) => state.document.edges);
  const { setPanes } = useActions();
  return (
    <section className="nl-table" aria-label="Table view" data-pane="table">
      <div className="nl-phead">
        Table view
        <span className="quiet">every node and projection, with the same values</span>
        <span className="sp" />
        <button type="button" className="nl-btn icon sm" aria-label="Close the table" title="Back to the drawing" onClick={() => setPanes({ table: false })}>
          <Icon name="close" />
        </button>
      </div>
      <div className="scroll">
        <table className="grid" aria-label="Nodes">
          <thead>
            <tr>
              {NODE_COLUMNS.map(([title]) => (
                <th key={title} scope="col">{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <NodeRow key={node.id} node={node} />
            ))}
          </tbody>
        </table>
        <table className="grid" aria-label="Projections">
          <thead>
            <tr>
              <th scope="col">Projection</th>
              {EDGE_COLUMNS.map(([title]) => (
                <th key={title} scope="col">{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {edges.map((edge) => (
              <EdgeRow key={edge.id} edge={edge} />
            ))}
          </tbody>
        </table>
        {nodes.length === 0 && <p className="quiet">Nothing is drawn yet.</p>}
      </div>
    </section>
  );
}

function Select({ id, label, children }: { id: string; label: string; children: React.ReactNode }): React.ReactNode {
  const isOn = useEditor((state) => state.selection.includes(id));
  const { select } = useActions();
  return (
    <button type="button" className={`nl-btn sm pick${isOn ? " on" : ""}`} aria-pressed={isOn} aria-label={`Select ${label}`} onClick={() => select(isOn ? [] : [id])}>
      {children}
    </button>
  );
}

function NodeRow({ node }: { node: DocNode }): React.ReactNode {
  const kind = useEditor((state) => kindOf(state.catalogue, node));
  const hue = useHue(node.id);
  return (
    <tr>
      {NODE_COLUMNS.map(([title, path]) => (
        <td key={title}>
          {path === "label" ? (
            <span className="named">
              <Select id={node.id} label={node.label}>
                <Soma shape={kind?.shape ?? "population"} sign={node.sign ?? 0} glyph={kind?.glyph ?? ""} diameter={20} hue={hue} stroke={3.5} />
              </Select>
              <Cell element={node.id} path={path} title={node.label} />
            </span>
          ) : (
            <Cell element={node.id} path={path} title={node.label} hidden={path === "size" && kind?.shape === "probe"} />
          )}
        </td>
      ))}
    </tr>
  );
}

function EdgeRow({ edge }: { edge: DocEdge }): React.ReactNode {
  const title = useEditor((state) => titleOf(state.document, edge.id));
  return (
    <tr>
      <td>
        <Select id={edge.id} label={title}>
          {title.replace(/ projection$/, "")}
        </Select>
      </td>
      {EDGE_COLUMNS.map(([name, path]) => (
        <td key={name}>
          <Cell element={edge.id} path={path} title={title} />
        </td>
      ))}
    </tr>
  );
}

/** One value; nothing where the element has no such field. */
function Cell({ element, path, title, hidden = false }: { element: string; path: string; title: string; hidden?: boolean }): React.ReactNode {
  const spec = useSpec(element, path);
  const edit = useEdit();
  const { perform } = useActions();
  const isReadOnly = useReadOnly();
  const id = useId();
  if (hidden || !spec || spec.value === undefined || spec.value === null) return <span className="quiet">–</span>;
  const name = `${title} ${spec.name}`;
  const send: Send = async (value, options) => {
    const ops = [{ op: "set", element, field: path, value } as const];
    const label = `Change ${spec.name}`;
    // a refusal is told by the banner: a cell has no room for it
    if (options?.done === false) return edit(ops, { label, ...options });
    return (await perform(ops, { label, ...options })).problems;
  };
  return <Plain spec={spec} name={name} value={spec.value} send={send} isBad={false} described={undefined} isReadOnly={isReadOnly} id={id} draft={null} />;
}
