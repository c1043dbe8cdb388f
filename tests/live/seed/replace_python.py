"""Our packages in the place of Debian's Python ones, as apt does it: those go, configuration and data
stay, units are not masked, and logs are rotated once. And back again.

The packages that are replaced are stand-ins with the names, versions, files and maintainer scripts
that matter of Debian's: the real ones would bring two hundred packages of Python along.

usage: replace_python.py BUILD_DIRECTORY
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import debian_root  # noqa: E402
from debian_root import harness, run  # noqa: E402

VERSION = "4.4.2-2+deb12u1"
KEEP = ["-o", "Dpkg::Options::=--force-confold"]
CONF = "[indexer]\nurl = mysql+pymysql://gnocchi:SECRET@127.0.0.1/gnocchi\n"
LOGROTATE = "/var/log/gnocchi/*.log {\n    daily\n    copytruncate\n}\n"

# package: (files, scripts). Names and paths are those of Debian 12.
STAND_INS = {
    "python3-gnocchi": ({"/usr/bin/gnocchi-" + name: "#!/bin/sh\n" for name in
                         ("api", "metricd", "statsd", "upgrade", "config-generator", "amqpd",
                          "injector", "change-sack-size")}, {}),
    "gnocchi-common": ({"/etc/logrotate.d/gnocchi-common": LOGROTATE}, {
        "conffiles": "/etc/logrotate.d/gnocchi-common\n",
        # Not a conffile there: made when the package is configured.
        "postinst": "#!/bin/sh\nset -e\nif [ ! -e /etc/gnocchi/gnocchi.conf ]; then\n"
                    "mkdir -p /etc/gnocchi\nprintf '%s' >/etc/gnocchi/gnocchi.conf\n"
                    "printf '[composite:gnocchi+basic]\\n' >/etc/gnocchi/api-paste.ini\nfi\n"
                    % CONF.replace("\n", "\\n")}),
    "gnocchi-api": ({"/lib/systemd/system/gnocchi-api.service": "[Service]\nExecStart=/bin/true\n"
                     "[Install]\nWantedBy=multi-user.target\n",
                     "/etc/init.d/gnocchi-api": "#!/bin/sh\n"}, {
        "conffiles": "/etc/init.d/gnocchi-api\n",
        "postinst": "#!/bin/sh\nset -e\ndeb-systemd-helper unmask gnocchi-api.service\n"
                    "deb-systemd-helper enable gnocchi-api.service\n",
        # As dh_installsystemd of those days has it.
        "postrm": "#!/bin/sh\nset -e\nif [ \"$1\" = remove ]; then\n"
                  "deb-systemd-helper mask gnocchi-api.service\nfi\n"}),
}


def build_stand_in(where, name):
    files, scripts = STAND_INS[name]
    tree = os.path.join(where, name)
    os.makedirs(os.path.join(tree, "DEBIAN"))
    for path, text in files.items():
        os.makedirs(os.path.dirname(tree + path), exist_ok=True)
        with open(tree + path, "w") as f:
            f.write(text)
        os.chmod(tree + path, 0o755 if "/bin/" in path or "init.d" in path else 0o644)
    for script, text in scripts.items():
        with open(os.path.join(tree, "DEBIAN", script), "w") as f:
            f.write(text)
        os.chmod(os.path.join(tree, "DEBIAN", script), 0o644 if script == "conffiles" else 0o755)
    depends = {"gnocchi-common": "python3-gnocchi", "gnocchi-api": "gnocchi-common"}.get(name)
    with open(os.path.join(tree, "DEBIAN/control"), "w") as f:
        f.write("Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\n"
                "%sDescription: stand-in\n" % (name, VERSION,
                                               "Depends: %s\n" % depends if depends else ""))
    run("dpkg-deb", "--build", "--root-owner-group", tree, where)
    return os.path.join(where, "%s_%s_all.deb" % (name, VERSION))


def installed(made, package):
    said = made.run("dpkg-query", "-W", "-f", "${Package} ${Status}\\n")
    return any(line.startswith(package + " ") and line.endswith("ok installed")
               for line in said.splitlines())


def check_over(made):
    for name in STAND_INS:
        assert not installed(made, name), name
    assert "gnocchi-api 0" in made.run("gnocchi-api", "--version")
    unit = made.inside("/lib/systemd/system/gnocchi-api.service")
    assert os.path.isfile(unit), "the unit went with the other package's"
    assert "Type=notify" in made.read("/lib/systemd/system/gnocchi-api.service")
    masked = made.inside("/etc/systemd/system/gnocchi-api.service")
    assert not os.path.lexists(masked), "gnocchi-api.service is masked"
    assert made.read("/etc/gnocchi/gnocchi.conf") == CONF
    assert "gnocchi+basic" in made.read("/etc/gnocchi/api-paste.ini")
    assert made.read("/var/lib/gnocchi/data") == "measures"
    rotation = made.read("/etc/logrotate.d/gnocchi-common")
    assert "HUP" in rotation and "copytruncate" not in rotation
    said = made.run("logrotate", "--debug", "/etc/logrotate.conf")
    assert "duplicate" not in said, said


def main():
    build = sys.argv[1]
    debian_root.check_needs()
    with harness.workspace() as where, debian_root.root(build) as made:
        packages = debian_root.make_packages(build)
        stand_ins = [build_stand_in(where, name) for name in STAND_INS]
        debian_root.install_ours(made, stand_ins)
        made.write("/var/lib/gnocchi/data", "measures")
        assert installed(made, "gnocchi-api")

        debian_root.install_ours(made, packages, options=KEEP)
        check_over(made)

        # And back, by removing ours; what both use stays.
        theirs = ["/debs/" + os.path.basename(package) for package in stand_ins]
        made.install(*theirs, options=KEEP)
        assert installed(made, "gnocchi-api") and not installed(made, "gnocchi-cpp-server")
        assert made.run("gnocchi-api") == ""
        assert made.read("/etc/gnocchi/gnocchi.conf") == CONF
        assert made.read("/var/lib/gnocchi/data") == "measures"
        assert "Type=notify" not in made.read("/lib/systemd/system/gnocchi-api.service")
        # Once more over and back, and what is left of ours is purged then: theirs stays whole, but for
        # gnocchi.conf and api-paste.ini, which dpkg itself takes (docs/operators/moving-over.md).
        debian_root.install_ours(made, packages, options=KEEP)
        check_over(made)
        made.write("/etc/gnocchi/policy.json", "{}")
        made.install(*theirs, options=KEEP)
        made.run("dpkg", "-P", "gnocchi-cpp-server")
        assert made.read("/etc/gnocchi/policy.json") == "{}"
        assert made.read("/var/lib/gnocchi/data") == "measures"
        assert "gnocchi" in made.read("/etc/passwd") and os.path.isdir(made.inside("/var/log/gnocchi"))
    print("over and back, with configuration and data in place")


main()
