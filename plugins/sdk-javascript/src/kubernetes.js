// Values of Kubernetes in their form: plain objects, which lose nothing that has no name here.

export const toleration = {
  exists: (key, more) => ({ key, operator: "Exists", ...more }),
  equal: (key, value, more) => ({ key, operator: "Equal", value, ...more }),
};

export const probe = {
  exec: (command, more) => ({ exec: { command }, ...more }),
  httpGet: (path, port, more) => ({ httpGet: { path, port }, ...more }),
  tcpSocket: (port, more) => ({ tcpSocket: { port }, ...more }),
  grpc: (port, more) => ({ grpc: { port }, ...more }),
};
