import { place } from "./place.js";

export class Rejection extends Error {
  name = "Rejection";

  constructor(message, { path, hint, code, arguments: filled, link } = {}) {
    super(message);
    this.path = path;
    this.hint = hint;
    this.code = code;
    this.arguments = filled;
    this.link = link;
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
    return told(error);
  }
  const at = place(error?.stack);
  return told({
    message: `${error}${at === undefined ? "" : ` (${at})`}`,
    hint: "this is a defect of the plugin; tell its author",
  });
};

const told = ({ code, message, arguments: filled, path, hint, link }) => ({
  code: optional(code),
  message: wellFormed(message),
  arguments: Object.entries(filled ?? {}).map((pair) => pair.map(wellFormed)),
  path: optional(path),
  hint: optional(hint),
  link: optional(link),
  extra: [],
});

const optional = (value) => (value === undefined || value === null ? undefined : wellFormed(value));

const wellFormed = (value) => String(value).toWellFormed();
