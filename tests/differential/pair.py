"""Two servers side by side: Python Gnocchi and ours, each with its own database and storage.

A step is one request, written so that it can be sent to both and again later:

    {"method", "path", "body" (JSON, or text sent as it is), "headers", "user"}

plus what the comparison needs to know ("walk": follow Link to the end; "unordered": the answer's
list has no order that both sides could share; "last": after these statuses the two no longer hold the same; "tolerance": of numbers, relative; "flush": what to GET once measures are accepted, so
that both have processed them before the next ones come: what is too late then is the same). In a path, a body or a header `<<3.metrics.cpu>>`
stands for what the answer to step 3 held there, on each side its own; `<<3.@ETag>>` for a header.
NS stands for a token that is new in each replay, so that no replay meets names of another.
"""
import base64
import http.client
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import harness  # noqa: E402

def unknown(label):
    """What a reference to an answer that has no such thing becomes."""
    return "00000000-0000-4000-8000-%012d" % label


REFERENCE = re.compile(r"<<(\d+)\.([^<>]+)>>")
# At most this many pages are walked.
PAGES = 40


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        if "application/json" not in (self.headers.get("Content-Type") or ""):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Side:
    """One server. Keeps the answers of the replay that runs, for references to them."""

    def __init__(self, name, deployment):
        self.name, self.deployment = name, deployment
        self.answers, self.token = {}, "NS"
        self.connection = None

    def start(self):
        self.deployment.upgrade()
        if self.name == "python":
            self.deployment.start_api(processes=1, threads=4)
        else:
            self.deployment.start_api()
        self.deployment.start_metricd()

    def check_alive(self):
        for process in self.deployment.processes:
            assert process.alive(), "%s died: %s" % (process.arguments[0], process.tail())

    def reset(self, token):
        """Empties the index but for generic and the default policies; nobody is told."""
        import pymysql
        self.answers, self.token = {}, token
        if self.connection is None:
            database = self.deployment.database
            self.connection = pymysql.connect(database=database.name, autocommit=True,
                                              **database._connect)
        cursor = self.connection.cursor()
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        cursor.execute("SELECT tablename FROM resource_type WHERE name != 'generic'")
        for table, in cursor.fetchall():
            cursor.execute("DROP TABLE IF EXISTS `%s_history`, `%s`" % (table, table))
        for statement in ("DELETE FROM resource_type WHERE name != 'generic'",
                          "DELETE FROM metric", "DELETE FROM resource_history",
                          "DELETE FROM resource", "DELETE FROM archive_policy_rule",
                          "DELETE FROM archive_policy WHERE name NOT IN "
                          "('bool', 'low', 'medium', 'high')"):
            cursor.execute(statement)
        cursor.execute("SET FOREIGN_KEY_CHECKS = 1")

    def resolve(self, text):
        """`text` with references and the token replaced; what is not there becomes an unknown id."""
        def value(match):
            label = int(match.group(1))
            answer = self.answers.get(label)
            if answer is None:
                return unknown(label)
            path = match.group(2)
            if path.startswith("@"):
                return answer.headers.get(path[1:]) or unknown(label)
            found = answer.json
            for key in path.split("."):
                try:
                    found = found[int(key) if isinstance(found, list) else key]
                except (KeyError, IndexError, TypeError, ValueError):
                    return unknown(label)
            return str(found)
        return REFERENCE.sub(value, text).replace("NS", self.token)

    def send(self, step):
        method = step["method"]
        # As gnocchiclient asks. DELETE has no JSON to answer with: Python insists on `*/*` then.
        headers = {"Accept": "application/json, */*" if method == "DELETE" else "application/json"}
        user = step.get("user", "admin")
        if user is not None:
            headers["Authorization"] = "basic " + base64.b64encode(
                (user + ":").encode()).decode()
        body = step.get("body")
        if body is not None:
            text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
            body = self.resolve(text).encode()
            headers["Content-Type"] = "application/json"
        elif method == "POST":
            headers["Content-Type"] = "application/json"
        for name, value in (step.get("headers") or {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = self.resolve(value)
        path = quote(self.resolve(step["path"]))
        answer = self._once(method, path, body, headers)
        if step.get("walk"):
            answer = self._walk(answer, method, body, headers)
        self.answers[step["label"]] = answer
        if answer.status == 202:
            for flush in step.get("flush", ()):
                self._once("GET", quote(self.resolve(flush)), None, {
                    "Authorization": "basic YWRtaW46", "Accept": "application/json"})
        return answer

    def _once(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.deployment.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
        except (http.client.HTTPException, OSError) as e:
            return Answer(0, {}, "no answer: %s" % type(e).__name__)
        finally:
            connection.close()

    def _walk(self, answer, method, body, headers):
        """All pages as one answer: {"pages": [sizes], "items": [all of them]}."""
        pages, items, first = [], [], answer
        while True:
            page = answer.json
            if answer.status != 200 or not isinstance(page, list):
                return answer
            pages.append(len(page))
            items += page
            link = re.match(r'<http://[^/]+(/[^>]*)>; rel="next"', answer.headers.get("Link") or "")
            if not link or len(pages) == PAGES:
                break
            answer = self._once(method, link.group(1), body, headers)
        first.headers = {"Content-Type": first.headers.get("Content-Type")}
        first.body = json.dumps({"pages": pages, "items": items})
        return first


def quote(path):
    """What a client percent-encodes; `%` stays, so that a path may hold its own escapes."""
    return urllib.parse.quote(path, safe="/?&=%:@!$'()*+,;~-._")


class Pair:
    def __init__(self, build, where):
        self.databases = []
        self.sides = []
        for name in ("python", "ours"):
            place = os.path.join(where, name)
            os.makedirs(place)
            self.databases.append(harness.Database("mysql", place))
            if name == "python":
                deployment = harness.PythonDeployment(place, self.databases[-1])
            else:
                deployment = harness.Deployment(build, place, self.databases[-1])
            self.sides.append(Side(name, deployment))
        self.replays = 0

    def start(self):
        for side in self.sides:
            side.start()

    def reset(self):
        self.replays += 1
        token = "x%05d" % self.replays
        for side in self.sides:
            side.check_alive()
            side.reset(token)

    def send(self, step):
        """The answers of (python, ours)."""
        return [side.send(step) for side in self.sides]

    def stop(self):
        for side in self.sides:
            if side.connection:
                side.connection.close()
            side.deployment.kill()
        for database in self.databases:
            database.drop()
