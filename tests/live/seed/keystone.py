"""Row "Keystone": user gnocchi with the role admin in project service, service type metric, three
endpoints. api-paste.ini's pipeline is gnocchi+auth, [keystone_authtoken] the guide's; real clients
find the API in the catalogue and are told apart by their tokens.

Wants the Keystone of tests/services/keystone (its DIR/env sourced), and skips without.

usage: keystone.py BUILD_DIRECTORY
"""
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guide  # noqa: E402
from alone import alone, harness  # noqa: E402
from guide import CONF, read, running, write  # noqa: E402


def given(name, other):
    value = os.environ.get("GNOCCHI_TEST_" + name) or os.environ.get(other)
    if not value:
        harness.skip("GNOCCHI_TEST_%s is not set (tests/services/keystone up DIR)" % name)
    return value


class Admin:
    """Calls of Keystone's API by its administrator."""

    def __init__(self, url):
        self.url, self.token = url, None
        answer, _ = self.call("POST", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": "admin", "domain": {"id": "default"},
                "password": os.environ.get("KEYSTONE_ADMIN_PASSWORD", "admin-pass")}}},
            "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}})
        self.token = answer["X-Subject-Token"]

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(self.url + path, method=method, headers=headers,
                                         data=json.dumps(body).encode() if body else None)
        with urllib.request.urlopen(request) as answer:
            data = answer.read()
            return answer.headers, json.loads(data) if data else None

    def add_endpoints(self, url):
        """The guide's three endpoints, in a region of this test's own."""
        region = "guide-" + uuid.uuid4().hex[:8]
        self.call("POST", "/regions", {"region": {"id": region}})
        found = self.call("GET", "/services?type=metric")[1]["services"]
        service = found[0]["id"] if found else self.call(
            "POST", "/services", {"service": {"type": "metric", "name": "gnocchi"}})[1]["service"]["id"]
        for interface in ("public", "internal", "admin"):
            self.call("POST", "/endpoints", {"endpoint": {
                "service_id": service, "interface": interface, "region_id": region, "url": url}})
        return region


def gnocchi(region, keystone, user, project, *arguments):
    """The real client, which knows Keystone's address and nothing of ours."""
    env = dict(os.environ, OS_AUTH_TYPE="password", OS_AUTH_URL=keystone, OS_REGION_NAME=region,
               OS_USERNAME=user, OS_PASSWORD=user + "-pass", OS_PROJECT_NAME=project,
               OS_USER_DOMAIN_ID="default", OS_PROJECT_DOMAIN_ID="default",
               OS_IDENTITY_API_VERSION="3")
    done = subprocess.run(["/usr/bin/gnocchi"] + list(arguments), env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def succeeds(*arguments):
    status, out, err = gnocchi(*arguments, "-f", "json")
    assert status == 0, (arguments, out, err)
    return json.loads(out)


def main():
    build = sys.argv[1]
    keystone = given("KEYSTONE_URL", "KEYSTONE_URL")
    memcached = given("MEMCACHED", "MEMCACHED_SERVERS")
    if not os.path.exists(os.path.join(build, "plugins/auth-keystone.so")):
        harness.skip("the plugin auth-keystone is not built")
    if not shutil.which("/usr/bin/gnocchi"):
        harness.skip("python3-gnocchiclient is not installed")
    alone(build, network=False)
    port = str(harness.free_port())
    url = "http://127.0.0.1:" + port
    region = Admin(keystone).add_endpoints(url)
    root = keystone.removesuffix("/v3").removeprefix("http://")
    section = next(part for part in guide.conf().split("\n\n") if "keystone_authtoken" in part)
    for line, other in (("KEYSTONE:5000", root), ("KEYSTONE:35357", root),
                        ("KEYSTONE:11211", memcached), ("password = gnocchi", "password = gnocchi-pass"),
                        # A Keystone on SQLite takes names by case.
                        ("domain_name = default", "domain_name = Default")):
        assert line in section, line
        section = section.replace(line, other)
    write(CONF, guide.EMBEDDED + "[DEFAULT]\ncreate_legacy_resource_types = True\n" + section + "\n")
    write("/etc/gnocchi/api-paste.ini", "[pipeline:main]\npipeline = gnocchi+auth\n")
    guide.upgrade()
    with running([port if word == "8041" else word for word in guide.API], guide.METRICD, url=url):
        answer = harness.Client(url, user=None).get("/v1/metric")
        assert answer.status == 401, answer.status
        assert answer.headers["WWW-Authenticate"] == 'Keystone uri="http://%s"' % root, answer.headers
        faked = harness.Client(url, user=None, headers={
            "X-Auth-Token": "gAAAAA-no-token", "X-Roles": "admin", "X-User-Id": "root",
            "X-Identity-Status": "Confirmed"}).get("/v1/status")
        assert faked.status == 401, faked.status

        as_service = (region, keystone, "ceilometer", "service")
        as_demo = (region, keystone, "demo", "demo")
        policies = succeeds(*as_service, "archive-policy", "list")
        assert {"low", "medium", "high"} <= {policy["name"] for policy in policies}
        metric = succeeds(*as_demo, "metric", "create", "-a", "low")
        status, _, err = gnocchi(*as_demo, "measures", "add", metric["id"],
                                 "-m", "2026-01-01T00:00:00@5")
        assert status == 0, err
        rows = succeeds(*as_demo, "measures", "show", "--refresh", metric["id"])
        assert [row["value"] for row in rows] == [5.0], rows
        assert succeeds(*as_demo, "metric", "show", metric["id"])["creator"].count(":") == 1
        status, _, err = gnocchi(*as_demo, "status")
        assert status != 0 and "403" in err, err
        succeeds(*as_service, "status")
    assert "WARNING" not in read(guide.API_LOG), read(guide.API_LOG)
    assert "gnocchi-pass" not in read(guide.API_LOG)
    print("holds: keystone")


main()
