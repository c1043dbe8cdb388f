"""Keystone and memcached stop, hang and change their mind under a running gnocchi-api.

usage: keystone_faults.py BUILD_DIRECTORY

Runs a Keystone of its own, whose tokens live shortly.
"""
import contextlib
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402

# Seconds; long beside what a Keystone on a busy machine takes for an answer. The service's own token
# is renewed after three quarters of the first.
EXPIRATION = 60
CACHE_TIME = 8
TIMEOUT = 5
PATH = "/v1/archive_policy"


class Run:
    def __init__(self, build, where, keystone):
        self.build, self.where, self.keystone = build, where, keystone
        self.database = harness.Database("sqlite", where)
        self.count = 0

    @contextlib.contextmanager
    def api(self, more=""):
        """A gnocchi-api with these further lines of [keystone_authtoken]."""
        self.count += 1
        where = os.path.join(self.where, "api-%d" % self.count)
        os.makedirs(where)
        lines = "token_cache_time = %d\nhttp_connect_timeout = %d\n" % (CACHE_TIME, TIMEOUT)
        gnocchi = harness.Deployment(self.build, where, self.database, auth="keystone",
                                     storage=os.path.join(self.where, "storage"),
                                     options=cloud.options(self.keystone, lines + more))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            yield gnocchi
            gnocchi.stop()
        finally:
            gnocchi.kill()

    def token(self, user="demo"):
        return self.keystone.token_of(user)[0]


def ask(gnocchi, token, **headers):
    """Status, seconds, answer."""
    begin = time.monotonic()
    answer = cloud.with_token(gnocchi, token, **headers).get(PATH)
    return answer.status, time.monotonic() - begin, answer


def expect(status, gnocchi, token, within=None, **headers):
    got, seconds, answer = ask(gnocchi, token, **headers)
    assert got == status, (got, status, answer.body)
    assert within is None or seconds < within, "%d after %.2f s, not %.2f" % (got, seconds, within)
    return answer


def expect_unavailable(gnocchi, token, within):
    answer = expect(503, gnocchi, token, within)
    assert answer.headers["Retry-After"], answer.headers
    assert "identity service is temporarily unavailable" in answer.json["description"], answer.body
    assert "WWW-Authenticate" not in answer.headers


def wait_for(status, gnocchi, token, seconds=25):
    harness.wait_until(lambda: ask(gnocchi, token)[0] == status, "status %d" % status, seconds)


def log_of(gnocchi):
    with open(os.path.join(gnocchi.where, "gnocchi-api.log")) as f:
        return f.read()


def check_end_of_tokens(run):
    with run.api() as gnocchi:
        ends = run.token()
        began = time.monotonic()
        revoked = run.token("alt")
        expect(200, gnocchi, ends)
        expect(200, gnocchi, revoked)
        run.keystone.revoke(revoked)
        expect(200, gnocchi, revoked)  # believed for token_cache_time
        time.sleep(CACHE_TIME)
        expect(401, gnocchi, revoked)
        time.sleep(max(0, EXPIRATION - 1 - (time.monotonic() - began)))
        wait_for(401, gnocchi, ends, 3)
        # A service may finish what it began for the user; nobody else may.
        expect(200, gnocchi, ends, **{"X-Service-Token": run.token("nova")})
        expect(200, gnocchi, ends, **{"X-Service-Token": run.token("nova")})
        expect(401, gnocchi, ends, **{"X-Service-Token": run.token("alt")})
        expect(401, gnocchi, ends)
        assert log_of(gnocchi).count("event=keystone_login ") >= 2, "its own token was not renewed"
        assert "event=service_token_without_role" in log_of(gnocchi)
        for secret in ("gnocchi-pass", ends, revoked):
            assert secret not in log_of(gnocchi), "a secret is in the log"


def check_outage(run):
    with run.api() as gnocchi:
        known, other = run.token(), run.token("alt")
        expect(200, gnocchi, known)
        run.keystone.control("stop", "keystone")
        expect(200, gnocchi, known, within=3)
        expect_unavailable(gnocchi, other, within=TIMEOUT + 4)
        for _ in range(5):  # told at once, as it was just found out
            expect_unavailable(gnocchi, other, within=3)
        expect(401, gnocchi, "not a token of any kind", within=3)
        time.sleep(CACHE_TIME)
        expect_unavailable(gnocchi, known, within=TIMEOUT + 4)
        run.keystone.control("start", "keystone")
        wait_for(200, gnocchi, other)
        wait_for(200, gnocchi, known)


def check_start_without(run):
    token = run.token()
    run.keystone.control("stop", "keystone")
    with run.api() as gnocchi:
        assert gnocchi.client(user=None).get("/").status == 200
        expect_unavailable(gnocchi, token, within=TIMEOUT + 4)
        assert "event=keystone_login_failed" in log_of(gnocchi)
        assert "refused" in log_of(gnocchi), log_of(gnocchi)
        run.keystone.control("start", "keystone")
        wait_for(200, gnocchi, token)


def check_hanging(run):
    with run.api() as gnocchi:
        known, other = run.token(), run.token("alt")
        expect(200, gnocchi, known)
        run.keystone.control("pause", "keystone")
        try:
            expect_unavailable(gnocchi, other, within=TIMEOUT + 4)
            expect_unavailable(gnocchi, other, within=3)
            expect(200, gnocchi, known, within=3)
        finally:
            run.keystone.control("resume", "keystone")
        wait_for(200, gnocchi, other)
        assert "timed out" in log_of(gnocchi)


def set_password(keystone, password):
    keystone.as_admin()
    keystone.call("PATCH", "/users/" + keystone.user("gnocchi")["id"],
                  {"user": {"password": password}})


def check_service_user(run):
    with run.api() as gnocchi:
        expect(200, gnocchi, run.token())
        # This also ends the tokens that the user has.
        set_password(run.keystone, "another")
        try:
            time.sleep(1)
            expect_unavailable(gnocchi, run.token("alt"), within=TIMEOUT + 4)
            log = log_of(gnocchi)
            assert "does not accept the service's user gnocchi (project service): check name, " \
                "password" in log, log
        finally:
            set_password(run.keystone, "gnocchi-pass")
        wait_for(200, gnocchi, run.token("alt"))
    with run.api("password = wrong\n") as gnocchi:
        assert "event=keystone_login_failed" in log_of(gnocchi)
        expect_unavailable(gnocchi, run.token(), within=TIMEOUT + 4)
    with run.api("username = demo\npassword = demo-pass\nproject_name = demo\n") as gnocchi:
        expect_unavailable(gnocchi, run.token("alt"), within=TIMEOUT + 4)
        assert "user demo (project demo) may not validate tokens" in log_of(gnocchi)
    with run.api("region_name = nowhere\n") as gnocchi:
        expect_unavailable(gnocchi, run.token(), within=TIMEOUT + 4)
        assert "no identity endpoint with interface internal in region nowhere; it has: " \
            in log_of(gnocchi)


def check_service_credential(run):
    """auth_type v3applicationcredential, found through auth_section."""
    token, said = run.keystone.token_of("gnocchi")
    saved, run.keystone.token = run.keystone.token, token
    _, made = run.keystone.call(
        "POST", "/users/%s/application_credentials" % said["user"]["id"],
        {"application_credential": {"name": "gnocchi"}})
    run.keystone.token = saved
    made = made["application_credential"]
    for who in ("application_credential_id = %s\n" % made["id"],
                "application_credential_name = gnocchi\nuser_id = %s\n" % said["user"]["id"]):
        lines = ("auth_section = me\n[me]\nauth_type = v3applicationcredential\n"
                 "auth_url = %s/v3/\napplication_credential_secret = %s\n%s" % (
                     run.keystone.root, made["secret"], who))
        with run.api(lines) as gnocchi:
            expect(200, gnocchi, run.token())
            assert 'as="application credential ' in log_of(gnocchi)


def check_delayed_decision(run):
    with run.api("delay_auth_decision = true\n") as gnocchi:
        nobody = gnocchi.client(user=None)
        nobody.expect(200, "GET", PATH)  # its rule asks for nothing
        nobody.expect(403, "GET", "/v1/status")
        expect(200, gnocchi, "bogus")
        openly = cloud.with_token(gnocchi, run.token("admin"))
        openly.expect(200, "GET", "/v1/status")
        run.keystone.control("stop", "keystone")
        expect_unavailable(gnocchi, run.token_before, within=TIMEOUT + 4)
        run.keystone.control("start", "keystone")


def main():
    build = os.path.abspath(sys.argv[1])
    with harness.workspace() as where:
        keystone = cloud.OwnKeystone(where, EXPIRATION)
        try:
            keystone.as_admin()
            run = Run(build, where, keystone)
            for check in (check_end_of_tokens, check_outage, check_start_without, check_hanging,
                          check_service_user, check_service_credential, check_delayed_decision):
                begin = time.monotonic()
                keystone.as_admin()
                run.token_before = run.token()
                check(run)
                print("%s: %.1f s" % (check.__name__, time.monotonic() - begin), flush=True)
        finally:
            keystone.down()


main()
