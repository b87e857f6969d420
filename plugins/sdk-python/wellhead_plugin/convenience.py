"""What plugins often need, made of the contract's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .handle import Handle

if TYPE_CHECKING:
    from . import pipeline


class Pipeline(Handle):
    def all_containers(self: pipeline.Pipeline) -> list[pipeline.Container]:
        """All containers: the main container, the sidecars, then the init containers."""
        containers = [self.container(name) for name in self.container_names()]
        containers += [self.init_container(name) for name in self.init_container_names()]
        return [it for it in containers if it is not None]

    def claims(self: pipeline.Pipeline) -> list[pipeline.Claim]:
        """All claims."""
        claims = [self.claim(name) for name in self.claim_names()]
        return [it for it in claims if it is not None]


class Container(Handle):
    def path(self: pipeline.Container) -> str:
        """Its path, e.g. `containers.nginx`, for rejections and findings."""
        return f"{'initContainers' if self.init() else 'containers'}.{self.name()}"


class Claim(Handle):
    def path(self: pipeline.Claim) -> str:
        """Its path, e.g. `claims.data`, for rejections and findings."""
        return f"claims.{self.name()}"


class Service(Handle):
    def path(self) -> str:
        """Its path, for rejections and findings."""
        return "service"
