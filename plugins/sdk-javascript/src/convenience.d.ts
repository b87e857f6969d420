import type * as contract from "./pipeline.js";

export declare class Pipeline {
  /** All containers: the main container, the sidecars, then the init containers. */
  allContainers(): contract.Container[];
  /** All claims. */
  claims(): contract.Claim[];
}

export declare class Container {
  /** Its path, e.g. `containers.nginx`, for rejections and findings. */
  path(): string;
}

export declare class Claim {
  /** Its path, e.g. `claims.data`, for rejections and findings. */
  path(): string;
}

export declare class Service {
  /** Its path, for rejections and findings. */
  path(): string;
}
