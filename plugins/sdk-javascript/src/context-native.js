// In a native test, a field was set by `plugin` when it was edited, and nothing is live.

/** The pipeline that is judged; `testing.js` says it. */
export const judged = { pipeline: undefined, first: undefined };

export const base = (path) => judged.first?.get(path);

export const setBy = (path) => {
  judged.pipeline?.get(path);
  const sets = (edit) => path.startsWith(edit) && ["", ".", "["].includes(path.charAt(edit.length));
  return judged.pipeline?.document.edits.some((edit) => sets(edit.path)) ? "plugin" : undefined;
};

export const live = () => undefined;
export const knowsLive = () => false;
