// Does wrong what its config says.
import { plugin, type Pipeline } from "wellhead-plugin";

import schema from "../config.schema.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };

interface Config {
  team: string;
}

interface Owner {
  name: { length: number };
}

/** What the compiler of types would not let pass. */
const unchecked = (value: unknown): any => value;

const measure = (owner: Owner): number => {
  return owner.name.length;
};

const recurse = (depth: number): number => recurse(depth + 1) + 1;

const deeds: Record<string, (pipeline: Pipeline) => unknown> = {
  large(pipeline) {
    pipeline.setReplicas(4000000000);
  },
  text: (pipeline) => pipeline.setReplicas(unchecked("7")),
  nan: (pipeline) => pipeline.setReplicas(NaN),
  half: (pipeline) => pipeline.setLabel("team", "\ud800"),
  protocol: (pipeline) => pipeline.service().setPort(unchecked({ number: 1, protocol: "TCP" })),
  clock: () => Date.now(),
  date: () => new Date(),
  random: () => Math.random(),
  async: async () => {},
  property: () => measure(unchecked({})),
  recursion: () => recurse(0),
  edit: (pipeline) => pipeline.setReplicas(-1),
  handles(pipeline) {
    for (let round = 0; round < 1100; round += 1) {
      pipeline.mainContainer().name();
    }
    pipeline.setPodLabel("team", "done");
  },
  console: () => console.warn("look at this", 7),
};

export const { describe, transform } = plugin<Config>({
  manifest,
  schema,
  writes: ["replicas", "labels.*", "podLabels.*", "service.*"],
  transform(pipeline, config) {
    return deeds[config.team](pipeline) as void;
  },
});
