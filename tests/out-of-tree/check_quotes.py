#!/usr/bin/env python3
"""Code in the documentation is code that compiles.

Every block of C++, CMake or INI in docs/plugins must follow a line `<!-- from: FILE -->` and stand
in that file word for word. Other documents may mark blocks in the same way.

    check_quotes.py SOURCE_DIR
"""

import pathlib
import re
import sys

MARK = re.compile(r"<!-- from: (\S+) -->")
CHECKED = {"cpp", "cmake", "ini"}


def blocks_of(document):
    """(line number, file or None, language, text) of each fenced block."""
    mark, begin, language, lines = None, None, "", []
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if begin is None and line.startswith("```"):
            begin, language, lines = number, line[3:].strip(), []
        elif begin is not None and line == "```":
            yield begin, mark, language, "\n".join(lines)
            begin, mark = None, None
        elif begin is not None:
            lines.append(line)
        elif line.strip():
            found = MARK.fullmatch(line.strip())
            mark = found[1] if found else None


def main():
    root = pathlib.Path(sys.argv[1])
    faults, checked = [], 0
    for document in sorted((root / "docs").rglob("*.md")):
        name = document.relative_to(root)
        for line, mark, language, text in blocks_of(document):
            if mark is None:
                if document.parent.name == "plugins" and language in CHECKED:
                    faults.append(f"{name}:{line}: no '<!-- from: FILE -->' before the block")
                continue
            checked += 1
            source = root / mark
            if not source.is_file():
                faults.append(f"{name}:{line}: there is no {mark}")
            elif f"\n{text}\n" not in f"\n{source.read_text()}\n":
                faults.append(f"{name}:{line}: {mark} does not contain this block")
    if not checked:
        faults.append("no block was checked")
    print("\n".join(faults) or f"{checked} blocks are as in the files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
