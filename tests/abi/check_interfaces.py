#!/usr/bin/env python3
"""Guards the interface versions of the plugin contract.

Each kind of driver has a file here with a hash of its interface header and of every header that it
includes (comments and white space aside). A changed header without a raised version would let core
load plugins whose idea of the types is another one.

    python3 tests/abi/check_interfaces.py             check; exit status 1 says what to raise
    python3 tests/abi/check_interfaces.py --record    after a version was raised
    python3 tests/abi/check_interfaces.py --record --unreleased
                                                      the version was never in a release: keep it
"""

import argparse
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "core" / "include"

# What is guarded: the headers it starts from and the number that stands for it.
INTERFACES = {
    "storage": (["gnocchi/storage.h"], "kStorageInterface"),
    "incoming": (["gnocchi/incoming.h"], "kIncomingInterface"),
    "indexer": (["gnocchi/indexer.h"], "kIndexerInterface"),
    "authenticator": (["gnocchi/auth.h"], "kAuthenticatorInterface"),
    "coordinator": (["gnocchi/coordinator.h"], "kCoordinatorInterface"),
    # What all kinds share.
    "manifest": (["gnocchi/plugin/manifest.h", "gnocchi/error.h"], "kManifestLayout"),
}
NOT_GUARDED = {"gnocchi/version.h"}  # differs with every release, as it should


def without_comments(text):
    pattern = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*|/\*.*?\*/'
    return re.sub(pattern, lambda m: " " if m[0].startswith("/") else m[0], text, flags=re.S)


def normalised(header):
    """The header's tokens, so that neither comments nor layout count; versions left out."""
    text = without_comments((INCLUDE / header).read_text())
    text = re.sub(r"inline constexpr std::uint32_t k(\w+Interface|ManifestLayout) = \d+;", "", text)
    return " ".join(re.findall(r'"(?:\\.|[^"\\])*"|\w+|[^\w\s]', text))


def closure(headers):
    found, todo = set(), list(headers)
    while todo:
        header = todo.pop()
        if header in found or header in NOT_GUARDED:
            continue
        found.add(header)
        todo += re.findall(r'#include "(gnocchi/[^"]+)"', (INCLUDE / header).read_text())
    return sorted(found)


def version_of(headers, constant):
    text = (INCLUDE / headers[0]).read_text()
    return int(re.search(rf"\b{constant} = (\d+);", text)[1])


def state_of(headers, constant):
    hashes = {h: hashlib.sha256(normalised(h).encode()).hexdigest() for h in closure(headers)}
    return version_of(headers, constant), hashes


def recorded(kind):
    path = HERE / f"{kind}.txt"
    if not path.exists():
        return None, {}
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return int(lines[0][1]), {header: digest for header, digest in lines[1:]}


def write(kind, constant, version, hashes):
    lines = ["# Made by tests/abi/check_interfaces.py; do not edit.", f"{constant} {version}"]
    lines += [f"{header} {digest}" for header, digest in hashes.items()]
    (HERE / f"{kind}.txt").write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--unreleased", action="store_true")
    options = parser.parse_args()
    faults = []
    for kind, (headers, constant) in INTERFACES.items():
        version, hashes = state_of(headers, constant)
        old_version, old_hashes = recorded(kind)
        if (version, hashes) == (old_version, old_hashes):
            continue
        changed = sorted(h for h in hashes.keys() | old_hashes.keys()
                         if hashes.get(h) != old_hashes.get(h))
        must_raise = old_version is not None and changed and version <= old_version
        if options.record and (options.unreleased or not must_raise):
            write(kind, constant, version, hashes)
        elif must_raise:
            faults.append(f"{kind}: {', '.join(changed)} changed. Raise {constant} in "
                          f"{headers[0]} from {old_version} to {old_version + 1}.")
        else:
            faults.append(f"{kind}: {constant} is {version}, recorded is {old_version}.")
    if faults:
        print("\n".join(faults))
        print("Then run: python3 tests/abi/check_interfaces.py --record\n"
              "(with --unreleased, and without raising, if no release had the old number yet)")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
