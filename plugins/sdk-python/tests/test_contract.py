"""The pipeline in memory has what the contract has, and what one writes there is what one reads."""

import inspect
import unittest

from wellhead_plugin import EditError, _memory, pipeline, testing


class Contract(unittest.TestCase):
    def test_the_memory_has_every_method_of_the_contract(self) -> None:
        for name in ("Pipeline", "Container", "Claim", "Service"):
            methods = vars(getattr(pipeline, name))
            missing = [it for it in methods if not it.startswith("_") and not hasattr(getattr(_memory, name), it)]
            self.assertEqual(missing, [], name)

    def test_what_is_set_is_read_back(self) -> None:
        document = {
            "spec": {
                "claims": [{"name": "data", "size": "1Gi"}],
                "containers": [{"name": "main", "image": "a:1"}],
            }
        }
        samples = {"str": "text", "int": 7, "bool": True, "list[str]": ["a", "b"], "Json": {"a": [1, None]}}
        raw = testing.pipeline(document)
        whole = pipeline.Pipeline(raw)
        parts = [whole, whole.main_container(), whole.claim("data"), whole.service()]
        seen = 0
        for part in parts:
            for name, setter in inspect.getmembers(part, inspect.ismethod):
                parameters = list(inspect.signature(setter).parameters.values())
                if not name.startswith("set_") or len(parameters) != 1:
                    continue
                sample = samples.get(parameters[0].annotation.removesuffix(" | None"))
                if sample is None:
                    continue
                setter(sample)
                self.assertEqual(getattr(part, name.removeprefix("set_"))(), sample, name)
                seen += 1
        self.assertGreater(seen, 30)
        self.assertEqual(len(testing.edits(raw)), seen)

    def test_items_are_added_changed_and_removed(self) -> None:
        raw = testing.pipeline()
        whole = pipeline.Pipeline(raw)
        whole.because("a reason")
        whole.add_container("helper", "b:2").set_env("A", "1")
        port = pipeline.ContainerPort(number=80, protocol=pipeline.Protocol.UDP)
        whole.container("helper").set_port(port)
        self.assertEqual(whole.container("helper").ports(), [port])
        self.assertEqual([it.name() for it in whole.all_containers()], ["main", "helper"])
        whole.remove_container("helper")
        self.assertIsNone(whole.container("helper"))
        paths = ["containers.helper", "containers.helper.env.A", "containers.helper.ports.80/UDP"]
        self.assertEqual([it.path for it in testing.edits(raw)], [*paths, "containers.helper"])
        self.assertEqual(testing.edits(raw)[0].reason, "a reason")
        with self.assertRaises(EditError) as caught:
            whole.remove_container("helper")
        self.assertEqual(caught.exception.kind, "not-found")


if __name__ == "__main__":
    unittest.main()
