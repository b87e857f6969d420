import { EditError } from "./error.js";

/** A handle of the host: what all classes of `pipeline.js` are made of. */
export class Handle {
  #raw;
  /** Handles that were got from this one, so that the host's budget of them holds one for each name. */
  #children = new Map();

  constructor(raw) {
    this.#raw = raw;
  }

  /** Calls a function of the contract. */
  call(method, ...args) {
    return this.#raw[method](...args);
  }

  /** Calls one that can fail. */
  edit(method, ...args) {
    try {
      return this.#raw[method](...args);
    } catch (error) {
      throw EditError.from(error);
    }
  }

  /** Calls one that returns a handle; the one that it returned before for the same name is given back. */
  child(Class, how, method, ...args) {
    const raw = this[how](method, ...args);
    if (raw === undefined || raw === null) {
      return undefined;
    }
    const key = `${method} ${args[0]}`;
    const known = this.#children.get(key);
    if (known === undefined) {
      const child = new Class(raw);
      this.#children.set(key, child);
      return child;
    }
    known.replace(raw);
    return known;
  }

  replace(raw) {
    this.#raw[Symbol.dispose]?.();
    this.#raw = raw;
    this.#children.clear();
  }
}
