// The field of any value in the document.

import "./fields.css";

export { Field, type FieldProps } from "./Field";
