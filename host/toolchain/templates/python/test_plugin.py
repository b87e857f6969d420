"""What the plugin does, natively: `python -m unittest`."""

import unittest

import plugin
from wellhead_plugin import Rejection, testing


class Transform(unittest.TestCase):
    def test_pods_are_labelled_with_the_team(self) -> None:
        pipeline = testing.pipeline()
        testing.transform(plugin, pipeline, {"team": "search"})
        self.assertEqual(testing.document(pipeline)["spec"]["podLabels"]["team"], "search")

    def test_nothing_else_is_edited(self) -> None:
        pipeline = testing.pipeline()
        testing.transform(plugin, pipeline, {"team": "search"})
        self.assertEqual([it.path for it in testing.edits(pipeline)], ["podLabels.team"])

    def test_a_misspelt_field_is_refused_with_its_path(self) -> None:
        with self.assertRaises(Rejection) as refused:
            testing.transform(plugin, testing.pipeline(), {"tema": "search"})
        self.assertEqual(refused.exception.path, "config.tema")

    def test_a_team_without_a_name_is_refused(self) -> None:
        with self.assertRaises(Rejection) as refused:
            testing.transform(plugin, testing.pipeline(), {"team": ""})
        self.assertEqual(refused.exception.message, "the team has no name")


if __name__ == "__main__":
    unittest.main()
