"""What Kubernetes makes of quantities and selectors; tests/kubernetes of this repository made the vectors."""

import json
import unittest
from dataclasses import dataclass
from pathlib import Path

from wellhead_plugin import (
    HttpGet,
    LabelSelector,
    Pipeline,
    PipelineSelector,
    Probe,
    Quantity,
    Rejection,
    Toleration,
    config,
    testing,
)

VECTORS = json.loads((Path(__file__).parents[2] / "kubernetes.json").read_text("utf-8"))


@dataclass
class Config:
    size: Quantity


class Quantities(unittest.TestCase):
    def test_they_are_read_and_printed_as_kubernetes_does(self) -> None:
        for it in VECTORS["read"]:
            quantity = Quantity(it["text"])
            self.assertEqual(str(quantity), it["canonical"], it)
            self.assertEqual(str(int(quantity)), it["whole"], it)
            self.assertEqual(Quantity(it["canonical"]), quantity, it)

    def test_other_texts_are_refused_with_the_reason(self) -> None:
        for it in VECTORS["refused"]:
            with self.assertRaises(Rejection) as caught:
                Quantity(it["text"])
            self.assertEqual(caught.exception.message, it["message"])

    def test_they_are_compared_and_calculated_as_kubernetes_does(self) -> None:
        for it in VECTORS["compared"]:
            a, b = Quantity(it["a"]), Quantity(it["b"])
            self.assertEqual((a > b) - (a < b), it["order"], it)
            self.assertEqual(a == b, it["order"] == 0, it)
        for it in VECTORS["calculated"]:
            a, b = Quantity(it["a"]), Quantity(it["b"])
            self.assertEqual((str(a + b), str(a - b)), (it["sum"], it["difference"]), it)
        for it in VECTORS["multiplied"]:
            self.assertEqual(str(Quantity(it["text"]) * it["by"]), it["product"], it)

    def test_what_is_too_large_is_refused(self) -> None:
        most = Quantity("170141183460469231731687303715")
        for too_large in (lambda: most + Quantity(1), lambda: -2 * most):
            with self.assertRaises(Rejection):
                too_large()
        with self.assertRaises(TypeError):
            most * 1.5

    def test_they_are_read_from_a_config(self) -> None:
        self.assertEqual(config.read(Config, {"size": "1.5Gi"}).size, Quantity("1536Mi"))
        for wrong in ("10gb", 7):
            with self.assertRaises(Rejection) as caught:
                config.read(Config, {"size": wrong})
            self.assertEqual(caught.exception.path, "config.size")


class Selectors(unittest.TestCase):
    def test_labels_are_selected_as_kubernetes_does(self) -> None:
        for it in VECTORS["selected"]:
            selector = config.read(LabelSelector, it["selector"])
            self.assertEqual(selector.matches(it["labels"]), it["matches"], it)

    def test_pipelines_are_selected_by_names_labels_and_namespaces(self) -> None:
        metadata = {"name": "search", "namespace": "team-a", "labels": {"env": "prod", "tier": "1"}}
        search = Pipeline(testing.pipeline({"metadata": metadata}))
        for selector, expected in (
            ({}, True),
            ({"names": ["search"], "namespaces": ["x", "team-*"]}, True),
            ({"names": ["search"], "namespaces": ["x"]}, False),
            ({"names": ["sea"]}, False),
            ({"names": ["s*r*h"]}, True),
            ({"names": ["*"]}, True),
            ({"names": ["*ch*"]}, True),
            ({"names": ["*chx*"]}, False),
            ({"names": ["search*search"]}, False),
            ({"labels": {"env": "prod", "tier": "1"}}, True),
            ({"labels": {"env": "prod", "tier": "2"}}, False),
            ({"labels": {"zone": ""}}, False),
        ):
            self.assertEqual(config.read(PipelineSelector, selector).matches(search), expected, selector)


class Values(unittest.TestCase):
    def test_what_has_no_name_here_stays(self) -> None:
        for value in ({}, {"key": "a", "new": {"b": [1.5]}}, {"key": "", "value": None, "tolerationSeconds": 0}):
            self.assertEqual(Toleration.read(value).json(), value)
        for value in (
            {"periodSeconds": 10, "new": True},
            {"exec": {"command": ["a"], "new": 1}},
            {"tcpSocket": {"port": "web", "new": 1}},
            {"grpc": {"port": 1, "service": "", "new": 1}},
            {"httpGet": {"path": "/", "port": 80, "new": 1, "httpHeaders": [{"name": "a", "value": "b"}]}},
        ):
            self.assertEqual(Probe.read(value).json(), value)

    def test_they_are_made_in_their_form(self) -> None:
        self.assertEqual(
            Toleration(key="spot", operator="Equal", value="true", toleration_seconds=30).json(),
            {"key": "spot", "operator": "Equal", "value": "true", "tolerationSeconds": 30},
        )
        probe = Probe(http_get=HttpGet(path="/healthz", port=8080), period_seconds=10)
        self.assertEqual(probe.json(), {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10})


if __name__ == "__main__":
    unittest.main()
