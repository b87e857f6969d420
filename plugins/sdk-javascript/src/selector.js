// Which objects and which pipelines a selector selects.

/** A map or an object as a map. */
const mapOf = (labels) => (labels instanceof Map ? labels : new Map(Object.entries(labels ?? {})));

const hasAll = (labels, wanted) =>
  Object.entries(wanted ?? {}).every(([key, value]) => labels.has(key) && labels.get(key) === value);

const OPERATORS = {
  In: (value, values) => values.includes(value),
  NotIn: (value, values) => !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
};

export const matchesLabels = (selector, labels) => {
  const found = mapOf(labels);
  const holds = ({ key, operator, values }) =>
    Object.hasOwn(OPERATORS, operator) && OPERATORS[operator](found.get(key), values ?? []);
  return hasAll(found, selector.matchLabels) && (selector.matchExpressions ?? []).every(holds);
};

export const matchesPipeline = (selector, pipeline) =>
  oneOf(selector.names, pipeline.name()) &&
  oneOf(selector.namespaces, pipeline.namespace() ?? "") &&
  hasAll(pipeline.labels(), selector.labels);

/** Whether a text matches one of the patterns; an empty list matches everything. */
const oneOf = (patterns, text) =>
  (patterns ?? []).length === 0 || patterns.some((pattern) => glob(pattern, text));

/** Whether a text matches a pattern in which `*` stands for any number of characters. */
const glob = (pattern, text) => {
  const [head, ...parts] = pattern.split("*");
  if (parts.length === 0) {
    return pattern === text;
  }
  const tail = parts.pop();
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) {
    return false;
  }
  const rest = text.slice(head.length, text.length - tail.length);
  let at = 0;
  return parts.every((part) => {
    const found = rest.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
};
