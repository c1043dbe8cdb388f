#!/usr/bin/env python3
"""The guard itself: it notices what matters and nothing else."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_interfaces as guard  # noqa: E402

HEADER = """#pragma once
#include "gnocchi/types.h"
inline constexpr std::uint32_t kStorageInterface = 1;
struct Storage { virtual int read(int ref) = 0; };  // as it was
"""


class Guard(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        (self.root / "gnocchi").mkdir()
        self.put("storage.h", HEADER)
        self.put("types.h", "struct Value { int number; };\n")
        for name, value in {
            "HERE": self.root,
            "INCLUDE": self.root,
            "INTERFACES": {"storage": (["gnocchi/storage.h"], "kStorageInterface")},
        }.items():
            patch = mock.patch.object(guard, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.assertEqual(self.run_guard("--record")[0], 0)

    def put(self, name, text):
        (self.root / "gnocchi" / name).write_text(text)

    def run_guard(self, *arguments):
        output = io.StringIO()
        with mock.patch.object(sys, "argv", ["guard", *arguments]):
            with contextlib.redirect_stdout(output):
                return guard.main(), output.getvalue()

    def test_nothing_changed(self):
        self.assertEqual(self.run_guard(), (0, ""))

    def test_comments_and_layout_do_not_count(self):
        self.put("storage.h", HEADER.replace("// as it was", "/* new\n words */").replace(
            "int ref", "int\n    ref"))
        self.assertEqual(self.run_guard()[0], 0)

    def test_a_change_asks_for_the_number(self):
        self.put("storage.h", HEADER.replace("int ref", "long ref"))
        status, output = self.run_guard()
        self.assertEqual(status, 1)
        self.assertIn("gnocchi/storage.h changed. Raise kStorageInterface in gnocchi/storage.h "
                      "from 1 to 2", output)

    def test_a_change_of_an_included_header_counts(self):
        self.put("types.h", "struct Value { long number; };\n")
        status, output = self.run_guard()
        self.assertEqual(status, 1)
        self.assertIn("gnocchi/types.h changed", output)

    def test_recording_without_raising_is_refused(self):
        self.put("types.h", "struct Value { long number; };\n")
        self.assertEqual(self.run_guard("--record")[0], 1)
        self.assertEqual(self.run_guard()[0], 1)
        self.assertEqual(self.run_guard("--record", "--unreleased")[0], 0)
        self.assertEqual(self.run_guard()[0], 0)

    def test_a_raised_number_is_recorded(self):
        self.put("storage.h", HEADER.replace("int ref", "long ref").replace("= 1;", "= 2;"))
        self.assertEqual(self.run_guard()[0], 1)
        self.assertEqual(self.run_guard("--record")[0], 0)
        self.assertEqual(self.run_guard()[0], 0)


if __name__ == "__main__":
    unittest.main()
