"""Keystone for the live tests: the one of GNOCCHI_TEST_KEYSTONE_URL, or one of the test's own."""
import contextlib
import os
import subprocess
import sys
import urllib.request
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "services"))
import harness  # noqa: E402
import keystone_accounts  # noqa: E402

SCRIPT = os.path.join(HERE, "..", "services", "keystone")

# A token takes Keystone a tenth of a second, and many seconds where other tests run beside it.
CONF = """[keystone_authtoken]
www_authenticate_uri = {public}
auth_url = {auth_url}
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = gnocchi
password = gnocchi-pass
http_connect_timeout = 60
"""


class Keystone(keystone_accounts.Keystone):
    """Calls Keystone's API, as admin unless said otherwise."""

    def __init__(self, url, memcached):
        super().__init__(url)
        self.root = url[:-len("/v3")]
        self.memcached = memcached

    def login(self, body):
        """A new token for the "auth" of a request, and what Keystone says of it."""
        saved, self.token = self.token, None
        try:
            headers, answer = self.call("POST", "/auth/tokens", {"auth": body})
        finally:
            self.token = saved
        return headers["X-Subject-Token"], answer["token"]

    def token_of(self, user, scope="unset", password=None):
        identity = {"methods": ["password"], "password": {"user": {
            "name": user, "domain": {"id": "default"}, "password": password or user + "-pass"}}}
        project = {"admin": "admin", "viewer": "demo", "demo": "demo", "alt": "alt"}
        if scope == "unset":
            scope = {"project": {"name": project.get(user, "service"),
                                 "domain": {"id": "default"}}}
        return self.login({"identity": identity, "scope": scope or "unscoped"})

    def as_admin(self):
        self.token = self.token_of("admin")[0]
        return self

    def revoke(self, token):
        request = urllib.request.Request(
            self.url + "/auth/tokens", method="DELETE",
            headers={"X-Auth-Token": token, "X-Subject-Token": token})
        with urllib.request.urlopen(request):
            pass

    def user(self, name):
        return self.call("GET", "/users?name=" + name)[1]["users"][0]

    @contextlib.contextmanager
    def endpoints(self, url):
        """A region of its own in which the metric service is at `url`, and Keystone too."""
        region = "region-" + uuid.uuid4().hex[:8]
        self.call("POST", "/regions", {"region": {"id": region}})
        made = []
        for kind, place in (("metric", url), ("identity", self.url)):
            service = self.call("GET", "/services?type=" + kind)[1]["services"][0]["id"]
            for interface in ("public", "internal", "admin"):
                _, answer = self.call("POST", "/endpoints", {"endpoint": {
                    "service_id": service, "interface": interface, "region_id": region,
                    "url": place}})
                made.append(answer["endpoint"]["id"])
        try:
            yield region
        finally:
            for endpoint in made:
                self.call("DELETE", "/endpoints/" + endpoint)
            self.call("DELETE", "/regions/" + region)


class OwnKeystone(Keystone):
    """A Keystone that the test may stop, hang and reconfigure."""

    def __init__(self, where, expiration):
        self.where = os.path.join(where, "keystone")
        env = dict(os.environ, KEYSTONE_TOKEN_EXPIRATION=str(expiration))
        for name in ("KEYSTONE_PORT", "MEMCACHED_PORT"):
            env.pop(name, None)
        done = subprocess.run([SCRIPT, "up", self.where], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0 and b"is not installed" in done.stdout:
            harness.skip(done.stdout.decode())
        if done.returncode != 0:
            self.down()
            raise AssertionError(done.stdout.decode())
        with open(os.path.join(self.where, "ports")) as f:
            port, memcached = f.read().split()
        super().__init__("http://127.0.0.1:%s/v3" % port, "127.0.0.1:" + memcached)

    def control(self, action, which):
        subprocess.run([SCRIPT, action, self.where, which], check=True)

    def down(self):
        subprocess.run([SCRIPT, "down", self.where], check=True, stdout=subprocess.DEVNULL)


def shared():
    """The Keystone that all tests share: nothing in it may be changed for others."""
    url = os.environ.get("GNOCCHI_TEST_KEYSTONE_URL")
    if not url:
        harness.skip("GNOCCHI_TEST_KEYSTONE_URL is not set (tests/services/keystone up DIR)")
    return Keystone(url, os.environ["GNOCCHI_TEST_MEMCACHED"]).as_admin()


def options(keystone, more=""):
    """[keystone_authtoken] for a deployment; `more` are further lines of it, which win."""
    return CONF.format(public=keystone.root, auth_url=keystone.root) + more + "\n"


def with_token(gnocchi, token, **headers):
    return gnocchi.client(user=None, headers=dict({"X-Auth-Token": token}, **headers))


def clean_environment():
    """OS_* of the caller would override parts of the clients' configurations."""
    for name in [n for n in os.environ if n.startswith("OS_")]:
        del os.environ[name]
