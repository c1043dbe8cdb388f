"""Who may do what with real tokens of a real Keystone, and what others are told.

usage: keystone_rights.py BUILD_DIRECTORY
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import cloud  # noqa: E402

POLICY = {"name": "p", "aggregation_methods": ["mean"],
          "definition": [{"granularity": 60, "points": 60}]}
FORGED = {"X-User-Id": "admin", "X-Project-Id": "admin", "X-Roles": "admin",
          "X-Identity-Status": "Confirmed", "X-Is-Admin-Project": "True", "X-Role": "admin",
          "OpenStack-System-Scope": "all", "X-Service-Roles": "admin"}


def expect_challenge(answer, keystone):
    """What keystonemiddleware answers, to the letter."""
    assert answer.status == 401, (answer.status, answer.body)
    assert answer.headers["WWW-Authenticate"] == 'Keystone uri="%s"' % keystone.root
    assert answer.headers["Content-Type"] == "application/json", answer.headers["Content-Type"]
    assert answer.body == (b'{"error": {"code": 401, "title": "Unauthorized", "message": '
                           b'"The request you have made requires authentication."}}'), answer.body


def check_challenges(gnocchi, keystone):
    nobody = gnocchi.client(user=None)
    for path in ("/", "/healthcheck"):
        assert nobody.get(path).status == 200, path
    expect_challenge(nobody.get("/v1/metric"), keystone)
    expect_challenge(nobody.get("/v1/metric", headers={"Accept": "*/*"}), keystone)
    for token in ("", "bogus", "gAAAA" + "B" * 180, "x" * 9000, "ä", "%s" % ("0" * 32)):
        expect_challenge(nobody.get("/v1/metric", headers={"X-Auth-Token": token.encode()}),
                         keystone)
    expect_challenge(gnocchi.client().get("/v1/metric"), keystone)  # basic is another mode
    expect_challenge(nobody.get("/v1/metric", headers=FORGED), keystone)


def check_tenancy(gnocchi, keystone):
    demo_token, demo = keystone.token_of("demo")
    clients = {user: cloud.with_token(gnocchi, keystone.token_of(user)[0])
               for user in ("admin", "alt", "viewer", "nova")}
    clients["demo"] = cloud.with_token(gnocchi, demo_token)
    clients["admin"].expect(201, "POST", "/v1/archive_policy", POLICY)
    for user in ("demo", "alt", "viewer"):
        clients[user].expect(403, "POST", "/v1/archive_policy", dict(POLICY, name=user))
    clients["nova"].expect(201, "POST", "/v1/archive_policy", dict(POLICY, name="nova"))
    forged = cloud.with_token(gnocchi, demo_token, **FORGED)
    forged.expect(403, "POST", "/v1/archive_policy", dict(POLICY, name="forged"))

    metric = clients["demo"].expect(201, "POST", "/v1/metric", {"archive_policy_name": "p"})
    assert metric["creator"] == demo["user"]["id"] + ":" + demo["project"]["id"], metric
    assert metric["created_by_project_id"] == demo["project"]["id"], metric
    clients["demo"].expect(202, "POST", "/v1/metric/%s/measures" % metric["id"],
                           [{"timestamp": "2026-01-01T00:00:00", "value": 1}])
    resource = clients["demo"].expect(201, "POST", "/v1/resource/generic", {
        "id": "thing", "project_id": demo["project"]["id"],
        "metrics": {"m": {"archive_policy_name": "p"}}})
    path = "/v1/resource/generic/" + resource["id"]
    for user, sees in (("demo", True), ("viewer", True), ("admin", True), ("alt", False)):
        client = clients[user]
        client.expect(200 if sees else 403, "GET", "/v1/metric/" + metric["id"])
        client.expect(200 if sees else 404, "GET", path)
        listed = {m["id"] for m in client.expect(200, "GET", "/v1/metric")}
        assert (metric["id"] in listed) == sees, (user, listed)
        listed = {r["id"] for r in client.expect(200, "GET", "/v1/resource/generic")}
        assert (resource["id"] in listed) == sees, (user, listed)
    # The same name in another project is another resource.
    other = clients["alt"].expect(201, "POST", "/v1/resource/generic", {"id": "thing"})
    assert other["id"] != resource["id"], other
    clients["alt"].expect(403, "DELETE", path)


def check_scopes(gnocchi, keystone):
    token, unscoped = keystone.token_of("demo", scope=None)
    made = cloud.with_token(gnocchi, token).expect(
        201, "POST", "/v1/metric", {"archive_policy_name": "p"})
    assert made["creator"] == unscoped["user"]["id"] + ":", made
    cloud.with_token(gnocchi, token).expect(403, "GET", "/v1/status")
    # Rights over the whole system, of a role of no project.
    token, system = keystone.token_of("admin", scope={"system": {"all": True}})
    assert "project" not in system, system
    cloud.with_token(gnocchi, token).expect(200, "GET", "/v1/status")
    admin = keystone.user("admin")["id"]
    role = keystone.call("GET", "/roles?name=admin")[1]["roles"][0]["id"]
    keystone.call("PUT", "/domains/default/users/%s/roles/%s" % (admin, role))
    token, _ = keystone.token_of("admin", scope={"domain": {"id": "default"}})
    cloud.with_token(gnocchi, token).expect(200, "GET", "/v1/status")


def make_credential(keystone, name, **attributes):
    """An application credential of demo; the body that logs in with it."""
    demo, said = keystone.token_of("demo")
    saved, keystone.token = keystone.token, demo
    try:
        _, made = keystone.call(
            "POST", "/users/%s/application_credentials" % said["user"]["id"],
            {"application_credential": dict(attributes, name=name)})
    finally:
        keystone.token = saved
    made = made["application_credential"]
    return made, {"identity": {"methods": ["application_credential"], "application_credential": {
        "id": made["id"], "secret": made["secret"]}}}


def check_application_credentials(gnocchi, keystone, run):
    _, login = make_credential(keystone, run)
    token, said = keystone.login(login)
    made = cloud.with_token(gnocchi, token).expect(
        201, "POST", "/v1/metric", {"archive_policy_name": "p"})
    assert made["creator"] == said["user"]["id"] + ":" + said["project"]["id"], made
    _, login = make_credential(keystone, run + "-rules", access_rules=[
        {"service": "metric", "method": "GET", "path": "/v1/metric/*"},
        {"service": "identity", "method": "POST", "path": "/v1/metric"}])
    token, _ = keystone.login(login)
    restricted = cloud.with_token(gnocchi, token)
    restricted.expect(200, "GET", "/v1/metric/%s?x=/y" % made["id"])
    expect_challenge(restricted.get("/v1/metric/%s/measures" % made["id"]), keystone)
    expect_challenge(restricted.post("/v1/metric", {"archive_policy_name": "p"}), keystone)


def check_service_tokens(gnocchi, keystone):
    demo = keystone.token_of("demo")[0]
    nova = keystone.token_of("nova")[0]
    cloud.with_token(gnocchi, demo, **{"X-Service-Token": nova}).expect(200, "GET", "/v1/metric")
    expect_challenge(cloud.with_token(gnocchi, demo, **{"X-Service-Token": "bogus"}).get(
        "/v1/metric"), keystone)
    # service_token_roles_required: alt is valid and no service.
    alt = keystone.token_of("alt")[0]
    expect_challenge(cloud.with_token(gnocchi, demo, **{"X-Service-Token": alt}).get(
        "/v1/metric"), keystone)
    expect_challenge(gnocchi.client(user=None, headers={"X-Service-Token": nova}).get(
        "/v1/metric"), keystone)
    # Rules see the service beside the user: see write_rules().
    cloud.with_token(gnocchi, demo, **{"X-Service-Token": nova}).expect(
        200, "GET", "/v1/archive_policy/p")
    cloud.with_token(gnocchi, demo).expect(403, "GET", "/v1/archive_policy/p")


def write_rules(where):
    with open(os.path.join(where, "policy.json"), "w") as f:
        json.dump({"get archive policy":
                   "role:admin or (service_roles:service and user_domain_id:default and "
                   "project_domain_id:default and is_admin_project:True and project_name:demo)"}, f)


def main():
    build = os.path.abspath(sys.argv[1])
    keystone = cloud.shared()
    with harness.workspace() as where:
        write_rules(where)
        gnocchi = harness.Deployment(
            build, where, harness.Database("sqlite", where), auth="keystone",
            options=cloud.options(keystone, "service_type = metric\n"
                                      "service_token_roles_required = true\n"))
        try:
            gnocchi.upgrade()
            gnocchi.start_api()
            check_challenges(gnocchi, keystone)
            check_tenancy(gnocchi, keystone)
            check_scopes(gnocchi, keystone)
            check_application_credentials(gnocchi, keystone, os.path.basename(where))
            check_service_tokens(gnocchi, keystone)
            gnocchi.stop()
        finally:
            gnocchi.kill()


main()
