import { place } from "./place.js";

export class Rejection extends Error {
  name = "Rejection";

  constructor(message, { path, hint } = {}) {
    super(message);
    this.path = path;
    this.hint = hint;
  }
}

export class EditError extends Error {
  name = "EditError";

  constructor(kind, { message, path, hint }) {
    super(message);
    this.kind = kind;
    this.path = path;
    this.hint = hint;
  }

  /** Of what the generated code throws; anything else stays what it is. */
  static from(error) {
    const { tag, val } = error?.payload ?? {};
    return tag === undefined || val === undefined ? error : new EditError(tag, val);
  }
}

/** What the host is told about anything that was thrown. */
export const reason = (error) => {
  if (error instanceof Rejection || error instanceof EditError) {
    const { message, path, hint } = error;
    return {
      message: wellFormed(message),
      path: path === undefined ? undefined : wellFormed(path),
      hint: hint === undefined ? undefined : wellFormed(hint),
    };
  }
  const at = place(error?.stack);
  return {
    message: wellFormed(`${error}${at === undefined ? "" : ` (${at})`}`),
    path: undefined,
    hint: "this is a defect of the plugin; tell its author",
  };
};

const wellFormed = (value) => String(value).toWellFormed();
