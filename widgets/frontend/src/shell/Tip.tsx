// A button of the bars: an icon, words where there is room, and a tip that names its key.

import { Icon, type IconName } from "../icons";
import { printed } from "./keys";

export interface BarButtonProps extends Omit<React.ButtonHTMLAttributes<HTMLButtonElement>, "title"> {
  icon?: IconName;
  label: string;
  /** Words on the face; none makes an icon button. */
  face?: React.ReactNode;
  tip?: string;
  chord?: string;
}

export function BarButton({ icon, label, face, tip, chord, className = "", ...rest }: BarButtonProps): React.ReactNode {
  const title = `${tip ?? label}${chord ? ` (${printed(chord)})` : ""}`;
  const isBare = face === undefined;
  return (
    <button type="button" className={`nl-btn${isBare ? " icon" : ""} ${className}`} aria-label={label} title={title} {...rest}>
      {icon && <Icon name={icon} />}
      {!isBare && <span className="words">{face}</span>}
    </button>
  );
}
