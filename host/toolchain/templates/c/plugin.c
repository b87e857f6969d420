// Labels the pods with the team that owns them. README.md explains the config.

#include <wellhead/transformer.h>

WH_FILE(schema, "config.schema.json");

const wh_info wh_plugin = {
    .name = "my-plugin",
    .version = "0.1.0",
    .description = "Labels the pods with the team that owns them",
    .config_schema = schema,
    .writes = (const char *const[]){"podLabels.team", NULL},
};

wh_error *transform(wh_pipeline pipeline, wh_json config) {
  wh_str team;
  WH_TRY(wh_read_str(wh_get(config, "team"), &team));
  if (team.len == 0) {
    return wh_reject_at("the team has no name", "config.team", "write the name of the team");
  }
  wh_because(pipeline, "each pod names its team");
  return wh_pipeline_set_pod_label(pipeline, WH("team"), team);
}
