// Run, step, reset, the clock and what the run is at.

import { Icon } from "../icons";
import { errorsIn, useActions, useEditor, useRead } from "../store";
import { pressRun } from "./commands";
import { Factor } from "./Gauges";
import { canReset, canRun, canStep, chipOf, faceOf, seconds, speedText, wordsOf } from "./running";
import { BarButton } from "./Tip";
import { useReach } from "./useReach";
import { useShell } from "./useShell";

export function RunBar(): React.ReactNode {
  const mayStep = useEditor(canStep);
  const mayReset = useEditor(canReset);
  const isRecording = useEditor((state) => state.run.recording);
  const isLive = useEditor((state) => state.connection === "live");
  const may = useEditor(canRun);
  const speed = useEditor((state) => state.run.speed);
  const actions = useActions();
  const { open, panel } = useShell();
  return (
    <>
      <RunButton />
      <BarButton icon="step" label="Step 1 ms" tip="Step 1 ms; one dt with the key ." disabled={!mayStep} onClick={() => actions.run("step-ms")} />
      <BarButton icon="reset" label="Reset to t = 0" tip="Reset to t = 0, parameters are kept" chord="0" disabled={!mayReset} onClick={() => actions.run("reset")} />
      <BarButton
        icon="record" label="Record" tip={isRecording ? "Stop recording" : "Record every spike and trace from now on"} aria-pressed={isRecording}
        className={isRecording ? "nl-rec" : ""} disabled={!may} onClick={() => actions.run("record", !isRecording)}
      />
      <Clock />
      <button
        type="button" className="nl-btn sm nl-speed" aria-label={`Speed ${speedText(speed)}`} title="Speed, one step, or a set time" aria-haspopup="menu"
        aria-expanded={panel?.name === "speed"} disabled={!isLive} onClick={(event) => open("speed", event.currentTarget)}
      >
        {speedText(speed)}
        <Icon name="down" size={12} />
      </button>
      <State />
      <Factor />
      <Words />
    </>
  );
}

function RunButton(): React.ReactNode {
  const face = useEditor(faceOf);
  const errors = useEditor(errorsIn);
  const may = useEditor(canRun);
  const read = useRead();
  const reach = useReach();
  const faces = {
    run: ["play", "Run", "Run the network (Space)", "primary"],
    pause: ["pause", "Pause", "Pause (Space)", "primary"],
    cancel: ["close", "Cancel", "Give up building", "primary plain"],
    reset: ["reset", "Reset", "Back to t = 0, parameters are kept", "primary"],
    fix: ["error", `Fix ${errors} to run`, "Go to the first error", "primary blocked"],
  } as const;
  const [icon, words, tip, style] = faces[face];
  return (
    <button type="button" className={`nl-btn ${style}`} title={tip} disabled={!may && face !== "cancel"} onClick={() => pressRun({ ...reach, read })}>
      <Icon name={icon} size={14} />
      {words}
    </button>
  );
}

function Clock(): React.ReactNode {
  const t = useEditor((state) => seconds(state.run.t));
  return (
    <span className="nl-clock" role="timer" aria-label="Simulated time">
      {t}
      <i>s</i>
    </span>
  );
}

function State(): React.ReactNode {
  const text = useEditor((state) => chipOf(state).text);
  const tone = useEditor((state) => chipOf(state).tone);
  const why = useEditor(wordsOf);
  const state = useEditor(({ run }) => run.state);
  return (
    <span className={`nl-state ${tone}`} data-state={state} role="status" aria-live="polite" title={why ?? undefined}>
      {text}
    </span>
  );
}

/** What is going on, in the room that is left; it is said in full elsewhere. */
function Words(): React.ReactNode {
  const text = useEditor(wordsOf);
  return (
    <span className="nl-words" title={text ?? undefined}>
      {text}
    </span>
  );
}
