"""The pipeline in memory has what the contract has, and what one writes there is what one reads."""

import dataclasses
import inspect
import unittest

from wellhead_plugin import After, Before, EditError, _memory, pipeline, testing


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


class Generic(unittest.TestCase):
    def test_any_field_goes_by_its_path(self) -> None:
        main = {"name": "main", "image": "a:1", "args": ["x"], "ports": [{"containerPort": 80}]}
        spec = {"tolerations": [{"key": "gpu"}], "containers": [main]}
        raw = testing.pipeline({"metadata": {"labels": {"a": "b"}}, "spec": spec})
        whole = pipeline.Pipeline(raw)
        self.assertEqual(whole.get("labels.a"), "b")
        self.assertIsNone(whole.get("hostAliases"))
        self.assertEqual(whole.append("tolerations", {"key": "spot"}), "tolerations[1]")
        self.assertEqual(whole.insert("tolerations", {"key": "first"}, "first"), "tolerations[0]")
        args = "containers.main.args"
        self.assertEqual(whole.insert(args, "w", Before(f"{args}[0]")), f"{args}[0]")
        self.assertEqual(whole.main_container().args(), ["w", "x"])
        alias = whole.append("hostAliases", {"ip": "10.0.0.1", "hostnames": ["a"]})
        self.assertEqual(alias, 'hostAliases["10.0.0.1"]')
        whole.set("containers.main.ports.80/TCP.hostPort", 8080)
        whole.set("containers.proxy", {"image": "proxy:1"})
        second = whole.insert("containers", {"name": "second", "image": "b:1"}, After("containers.main"))
        self.assertEqual(second, "containers.second")
        self.assertEqual(whole.container_names(), ["main", "second", "proxy"])
        whole.remove("tolerations[2]")
        whole.remove("containers.second")
        whole.remove('hostAliases["10.0.0.9"]')
        found = testing.document(raw)["spec"]
        self.assertEqual(found["tolerations"], [{"key": "first"}, {"key": "gpu"}])
        self.assertEqual(found["containers"][0]["ports"], [{"containerPort": 80, "hostPort": 8080}])
        self.assertEqual(len(testing.edits(raw)), 9)

    def test_what_no_path_leads_to_is_refused(self) -> None:
        whole = pipeline.Pipeline(testing.pipeline())
        whole.append("claims", {"name": "data", "size": "1Gi"})
        whole.set_replicas(1)
        texts = ("", "a..b", ".a", "a.*", "a[", "a[1", "a[x]", 'a["x]', "a b", "a.")
        refused = [lambda text=text: whole.set(text, 1) for text in texts]
        refused += [
            lambda: whole.set("replicas", None),
            lambda: whole.set("containers", []),
            lambda: whole.set("containers.main", {"image": "b:1"}),
            lambda: whole.set("containers[0].image", "b:1"),
            lambda: whole.set("claims.data", {"name": "other", "size": "1Gi"}),
            lambda: whole.set("volumes.data", {"emptyDir": {}}),
            lambda: whole.remove("claims.data"),
            lambda: whole.remove("containers.main"),
            lambda: whole.append("claims", {"name": "data", "size": "1Gi"}),
            lambda: whole.append("claims", {"size": "1Gi"}),
            lambda: whole.append("replicas", 1),
            lambda: whole.insert("containers", {"name": "a", "image": "a:1"}, "first"),
        ]
        for at, call in enumerate(refused):
            with self.assertRaises(EditError, msg=str(at)) as caught:
                call()
            self.assertEqual(caught.exception.kind, "invalid", at)
        with self.assertRaises(EditError) as caught:
            whole.insert("tolerations", {}, Before("tolerations[3]"))
        self.assertEqual(caught.exception.kind, "not-found")
        for wrong in ("middle", None, {}, Before(1)):
            with self.assertRaises(TypeError):
                whole.insert("tolerations", {}, wrong)

    def test_a_mount_keeps_what_its_record_does_not_have(self) -> None:
        mount = {"name": "data", "mountPath": "/d", "subPathExpr": "$(POD)", "mountPropagation": "None"}
        containers = [{"name": "main", "image": "a:1", "volumeMounts": [mount]}]
        raw = testing.pipeline({"spec": {"containers": containers}})
        main = pipeline.Pipeline(raw).main_container()
        main.set_mount(dataclasses.replace(main.mounts()[0], read_only=True))
        found = testing.document(raw)["spec"]["containers"][0]["volumeMounts"]
        self.assertEqual(found, [{**mount, "readOnly": True}])


if __name__ == "__main__":
    unittest.main()
