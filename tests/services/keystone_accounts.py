#!/usr/bin/python3
"""Fills a fresh Keystone with the tests' accounts (see tests/services/keystone); safe to repeat.

usage: keystone_accounts.py URL/v3       prints a token of user demo
"""
import json
import sys
import urllib.error
import urllib.request

ACCOUNTS = (  # user, project, role
    ("gnocchi", "service", "admin"), ("ceilometer", "service", "admin"),
    ("nova", "service", "service"), ("demo", "demo", "member"), ("viewer", "demo", "reader"),
    ("alt", "alt", "member"))


class Keystone:
    def __init__(self, url):
        self.url = url
        self.token = None

    def call(self, method, path, body=None):
        try:
            return self.call_once(method, path, body)
        except urllib.error.HTTPError as e:
            if e.code != 401 or self.token is None:
                raise
        # Tokens of some Keystones end soon, and machines may be slow.
        self.become_admin()
        return self.call_once(method, path, body)

    def become_admin(self):
        self.token = None
        self.token = self.log_in("admin", "admin")

    def call_once(self, method, path, body):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(
            self.url + path, method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            data = answer.read()
            return answer.headers, json.loads(data) if data else None

    def log_in(self, user, project):
        headers, _ = self.call("POST", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "domain": {"id": "default"}, "password": user + "-pass"}}},
            "scope": {"project": {"name": project, "domain": {"id": "default"}}}}})
        return headers["X-Subject-Token"]

    def ensure(self, kind, **attributes):
        """The id of the thing of this name, made if it is not there."""
        _, found = self.call("GET", "/%ss?name=%s" % (kind, attributes["name"]))
        if found[kind + "s"]:
            return found[kind + "s"][0]["id"]
        return self.call("POST", "/%ss" % kind, {kind: attributes})[1][kind]["id"]


def main():
    keystone = Keystone(sys.argv[1])
    keystone.become_admin()
    for user, project, role in ACCOUNTS:
        project = keystone.ensure("project", name=project, domain_id="default")
        role = keystone.ensure("role", name=role)
        user = keystone.ensure("user", name=user, domain_id="default", password=user + "-pass")
        keystone.call("PUT", "/projects/%s/users/%s/roles/%s" % (project, user, role))
    keystone.ensure("service", name="gnocchi", type="metric")
    keystone.token = None
    print(keystone.log_in("demo", "demo"))


if __name__ == "__main__":
    main()
