// Pinned values under the canvas: moved while the network runs, without a rebuild.

import { Field } from "../fields";
import { useDocument, useLastApplied, useTitle } from "../fields/link";
import { Icon } from "../icons";
import { useHue } from "../plots/useHue";
import { pinned, type Pinned } from "./pinned";
import "./live.css";

export function LiveControls(): React.ReactNode {
  const doc = useDocument();
  const applied = useLastApplied();
  const pins = pinned(doc);
  return (
    <section className="nl-live" aria-label="Live controls">
      <div className="nl-phead">
        Live controls
        <span className="quiet">{pins.length > 0 && `${pins.length} pinned`}</span>
        <span className="sp" />
        <span className="applied" role="status" aria-live="polite">
          {applied && (
            <>
              <Icon name="ok" size={14} />
              <span title="It runs on with the new value, without a rebuild">{`${applied.text} from ${applied.t.toFixed(3)} s`}</span>
            </>
          )}
        </span>
      </div>
      {pins.length === 0 ? (
        <p className="nothing">Press the pin beside a value to move it here while the network runs.</p>
      ) : (
        <div className="grid">
          {pins.map((pin) => (
            <Control key={`${pin.element} ${pin.path}`} pin={pin} />
          ))}
        </div>
      )}
    </section>
  );
}

function Control({ pin }: { pin: Pinned }): React.ReactNode {
  const title = useTitle(pin.element);
  const hue = useHue(pin.element);
  const prefix = <b style={{ color: `var(--nl-${hue})` }}>{title}</b>;
  return <Field element={pin.element} path={pin.path} prefix={prefix} prefixText={title} />;
}
