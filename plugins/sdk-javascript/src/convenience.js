// What plugins often need, made of the contract's functions.
import { Handle } from "./handle.js";

export class Pipeline extends Handle {
  allContainers() {
    const containers = this.containerNames().map((name) => this.container(name));
    return [...containers, ...this.initContainerNames().map((name) => this.initContainer(name))];
  }

  claims() {
    return this.claimNames().map((name) => this.claim(name));
  }
}

export class Container extends Handle {
  path() {
    return `${this.init() ? "initContainers" : "containers"}.${this.name()}`;
  }
}

export class Claim extends Handle {
  path() {
    return `claims.${this.name()}`;
  }
}

export class Service extends Handle {
  path() {
    return "service";
  }
}
