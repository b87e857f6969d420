"""What becomes of a plugin's exceptions, values and config."""

import unittest
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wellhead_plugin import EditError, Finding, Pipeline, Rejection, config, context, export, facts, log, testing


class Plugin:
    """A plugin that is one function."""

    def __init__(self, function, kind=dict) -> None:
        self.Transform = export._transform(function, kind)
        self.Validate = export._validate(function, kind)


def told(function, pipeline=None) -> Rejection:
    try:
        testing.transform(Plugin(function), pipeline or testing.pipeline())
    except Rejection as rejection:
        return rejection
    raise AssertionError("nothing was raised")


class Exceptions(unittest.TestCase):
    def test_a_rejection_crosses_as_it_is(self) -> None:
        def refuse(_pipeline, _config):
            raise Rejection("no team", path="config.team", hint="write one")

        found = told(refuse)
        self.assertEqual((found.message, found.path, found.hint), ("no team", "config.team", "write one"))

    def test_a_failed_edit_crosses_in_its_own_words(self) -> None:
        found = told(lambda pipeline, _config: pipeline.remove_container("none"))
        self.assertEqual((found.message, found.path), ("there is no such item", "containers.none"))

    def test_any_other_exception_names_its_line(self) -> None:
        def fail(_pipeline, config):
            return config["team"]

        line = fail.__code__.co_firstlineno + 1
        self.assertEqual(told(fail).message, f"KeyError: 'team' ({Path(__file__).name}:{line})")

    def test_the_line_is_the_plugins_when_a_value_is_wrong(self) -> None:
        def fail(pipeline, _config):
            pipeline.set_replicas("7")

        line = fail.__code__.co_firstlineno + 1
        self.assertIn(f"({Path(__file__).name}:{line})", told(fail).message)

    def test_half_of_a_character_does_not_cross(self) -> None:
        def refuse(_pipeline, _config):
            raise Rejection("no \ud800")

        self.assertEqual(told(refuse).message, "no ?")


class Values(unittest.TestCase):
    def test_what_cannot_cross_is_an_exception(self) -> None:
        pipeline = Pipeline(testing.pipeline())
        for wrong in (1 << 31, -(1 << 31) - 1, 1.5, "7", True, None, float("nan")):
            with self.assertRaises((TypeError, ValueError), msg=repr(wrong)):
                pipeline.set_replicas(wrong)
        for wrong in (7, None, b"x", "\ud800"):
            with self.assertRaises((TypeError, ValueError), msg=repr(wrong)):
                pipeline.main_container().set_image(wrong)
        with self.assertRaises(ValueError):
            pipeline.set_affinity({"weight": float("nan")})

    def test_a_whole_number_with_a_point_is_an_integer(self) -> None:
        pipeline = Pipeline(testing.pipeline())
        for value, expected in ((3.0, 3), (-0.0, 0), ((1 << 31) - 1, (1 << 31) - 1)):
            pipeline.set_replicas(value)
            self.assertEqual(pipeline.replicas(), expected)

    def test_findings_cross(self) -> None:
        found = testing.validate(
            Plugin(lambda _pipeline, _config: [Finding("warning", "small", path="claims.data")]),
            testing.pipeline(),
        )
        self.assertEqual(found, [Finding("warning", "small", path="claims.data")])

    def test_a_code_arguments_and_a_link_cross(self) -> None:
        more = {"code": "small-claim", "arguments": {"claim": "data"}, "link": "https://example.com"}
        finding = Finding("warning", "small", **more)
        found = testing.validate(Plugin(lambda _pipeline, _config: [finding]), testing.pipeline())
        self.assertEqual(found, [finding])

        def refuse(_pipeline, _config):
            raise Rejection("small", **more)

        rejected = told(refuse)
        self.assertEqual((rejected.code, rejected.arguments, rejected.link), tuple(more.values()))

    def test_a_validator_knows_facts_the_base_and_who_set_a_field(self) -> None:
        raw = testing.pipeline({"spec": {"replicas": 2}})
        Pipeline(raw).set_replicas(3)
        testing.facts(storageClasses=["fast"])

        def validate(_pipeline, _config):
            classes, nodes = facts.get("storageClasses"), facts.get("nodes")
            by = context.set_by("replicas"), context.set_by("labels.a")
            live = context.live("replicas"), context.knows_live()
            return [Finding("warning", repr((classes, nodes, context.base("replicas"), by, live)))]

        found = testing.validate(Plugin(validate), raw)
        self.assertEqual(found[0].message, "(['fast'], None, 2, ('plugin', None), (None, False))")
        self.assertIn("RuntimeError", told(lambda _pipeline, _config: context.base("replicas")).message)

    def test_what_is_logged_is_kept(self) -> None:
        testing.transform(Plugin(lambda _pipeline, _config: log.warn("look")), testing.pipeline())
        self.assertEqual(testing.logged(), [("warn", "look")])


@dataclass
class Rule:
    class_: str
    min_size: int | None = None


@dataclass
class Config:
    rules: list[Rule]
    labels: dict[str, str | None] = field(default_factory=dict)
    mode: Literal["a", "b"] = "a"


class Reading(unittest.TestCase):
    def test_a_config_is_read(self) -> None:
        found = config.read(
            Config, {"rules": [{"class": "x", "minSize": 3.0}], "labels": {"a": None}, "mode": "b"}
        )
        self.assertEqual(found, Config([Rule("x", 3)], {"a": None}, "b"))
        self.assertIsInstance(found.rules[0].min_size, int)

    def test_what_is_wrong_has_its_path(self) -> None:
        for value, path in (
            ({}, "config"),
            ({"rules": {}}, "config.rules"),
            ({"rules": [{"class": 7}]}, "config.rules[0].class"),
            ({"rules": [{"class": "x", "clas": "y"}]}, "config.rules[0].clas"),
            ({"rules": [], "mode": "c"}, "config.mode"),
            ({"rules": [{"class": "x", "minSize": True}]}, "config.rules[0].minSize"),
        ):
            with self.assertRaises(Rejection) as caught:
                config.read(Config, value)
            self.assertEqual(caught.exception.path, path)


class Errors(unittest.TestCase):
    def test_what_the_generated_code_raises_is_an_edit_error(self) -> None:
        failure = type("EditFailure", (), {"message": "m", "path": "p", "hint": None})()
        variant = type("EditError_NotFound", (), {"value": failure})()
        raised = type("Err", (Exception,), {"value": variant})()
        found = EditError._of(raised)
        self.assertEqual((found.kind, found.message, found.path, found.hint), ("not-found", "m", "p", None))
        self.assertIsNone(EditError._of(KeyError("x")))


if __name__ == "__main__":
    unittest.main()
