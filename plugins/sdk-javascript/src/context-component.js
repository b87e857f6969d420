export * from "wellhead:plugin/context@0.2.0";
