"""Rows of the deployment guide, one test each; the machine is the test's own (alone.py).

usage: rows.py BUILD_DIRECTORY ROW
"""
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guide  # noqa: E402
from alone import alone, harness  # noqa: E402
from guide import CONF, read, running, upgrade, write  # noqa: E402

HEADERS = {"X-User-Id": "u", "X-Project-Id": "p", "X-Roles": "admin"}
PASTE = "/etc/gnocchi/api-paste.ini"
URL = "http://127.0.0.1:8041"
FOREIGN = "groups of other programs, not read: oslo_messaging_rabbit"


def admin():
    return harness.Client(URL)


def status_of(path, user=None, headers=None):
    return harness.Client(URL, user=user, headers=headers).get(path).status


def mysql_grants(build):
    """CREATE DATABASE and GRANT as the guide has them are all that gnocchi-upgrade needs."""
    with guide.database() as server:
        granted = server.root("SHOW GRANTS FOR 'gnocchi'@'%'; SHOW GRANTS FOR 'gnocchi'@'localhost'")
        assert len(granted) == 4 and sum("ON `gnocchi`.*" in line for line in granted) == 2, granted
        assert all("USAGE ON *.*" in line for line in granted if "`gnocchi`.*" not in line), granted
        write(CONF, "[indexer]\nurl = mysql+pymysql://gnocchi:%s@127.0.0.1:%d/gnocchi\n"
              "[metricd]\nmetric_processing_delay = 1\n" % (guide.PASSWORD, server.port))
        upgrade()
        tables = server.root("SHOW TABLES FROM gnocchi")
        assert {"metric", "resource", "archive_policy", "alembic_version"} <= set(tables), tables
        with running(guide.API, guide.METRICD):
            guide.post_and_read(admin())
            # Types make tables of their own, with the same rights.
            admin().expect(201, "POST", "/v1/resource_type",
                           {"name": "vm", "attributes": {"n": {"type": "string"}}})
            assert admin().request("DELETE", "/v1/resource_type/vm").status == 204
        # Too few rights are told, with the statement's place.
        server.root("REVOKE ALL ON gnocchi.* FROM 'gnocchi'@'%'; REVOKE ALL ON gnocchi.* FROM "
                    "'gnocchi'@'localhost'; GRANT SELECT ON gnocchi.* TO 'gnocchi'@'%', "
                    "'gnocchi'@'localhost'; DROP TABLE gnocchi.resource_alias")
        done = subprocess.run(["gnocchi-upgrade"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 1 and b"denied" in done.stdout, done.stdout
        assert guide.PASSWORD.encode() not in done.stdout


def gnocchi_conf(build):
    """The guide's gnocchi.conf to the letter, but for the driver: local files in Ceph's place."""
    with guide.database() as server:
        write(CONF, guide.conf(PASSWORD=guide.PASSWORD, DBHOST="127.0.0.1:%d" % server.port)
              .replace("driver = ceph", "driver = file"))
        said = upgrade()
        assert said.count("oslo_messaging_rabbit") == 1 and FOREIGN in said, said
        assert "WARNING" not in said and "ERROR" not in said, said
        with running(guide.API, guide.METRICD):
            guide.post_and_read(admin())
            assert guide.legacy_types(admin()) == guide.LEGACY_TYPES
        for log in (guide.API_LOG, guide.METRICD_LOG):
            lines = [line for line in read(log).splitlines() if "oslo_messaging_rabbit" in line]
            assert len(lines) == 1 and " INFO " in lines[0] and FOREIGN in lines[0], lines
            assert "WARNING" not in read(log), read(log)
            assert guide.PASSWORD not in read(log)


def config_generator(build):
    """gnocchi-config-generator > /etc/gnocchi/gnocchi.conf: every option, commented out."""
    with open(CONF, "w") as f:
        subprocess.run(["gnocchi-config-generator"], stdout=f, check=True)
    text = read(CONF)
    assert all(line[0] in "#[" for line in text.splitlines() if line), "not commented out"
    plugins = [p for p in glob.glob(os.path.join(build, "plugins/*.so")) if not os.path.islink(p)]
    said = subprocess.run(["gnocchi-plugin-info"] + plugins, stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    options = re.findall(r"^      (\w+) \(", said, re.M)
    assert "file_basepath" in options, said
    for option in options + ["auth_mode", "workers", "policy_file", "coordination_url"]:
        assert "\n#%s =" % option in text, "%s is not there" % option
    # As it is, and with every default written out, it is a valid configuration.
    write(CONF, text + "\n" + guide.EMBEDDED)
    upgrade()
    spelt = [line[1:] if line.startswith("#") and not line.startswith("# ") and " = " in line
             and "<None>" not in line else line for line in text.splitlines()]
    write(CONF, "\n".join(spelt).replace("[indexer]", "[indexer]\n"
          "url = sqlite:////var/lib/gnocchi/gnocchi.db", 1))
    for line in upgrade().splitlines():  # the options of drivers that are not chosen are told
        assert "ERROR" not in line and ("WARNING" not in line or "unknown option" in line), line


def configuration_files(build):
    """api-paste.ini, gnocchi.conf and policy.json of /etc/gnocchi are read; what is missing is as by
    default; policy.yaml too."""
    write(CONF, guide.EMBEDDED)
    upgrade()
    with running(guide.API):  # neither paste nor policy: basic, and the default rules
        assert status_of("/v1/metric") == 401
        assert status_of("/v1/status", "somebody") == 403
        assert status_of("/v1/status", "admin") == 200
    write(PASTE, "[pipeline:main]\npipeline = gnocchi+noauth\n")
    write("/etc/gnocchi/policy.json", '{"get status": "role:operator"}')
    operator = dict(HEADERS, **{"X-Roles": "operator"})
    with running(guide.API):
        assert status_of("/v1/status", headers=operator) == 200
        assert status_of("/v1/status", headers=HEADERS) == 403
        assert "policy.json" in read(guide.API_LOG)
    write("/etc/gnocchi/policy.yaml", '"get status": "role:auditor"\n')
    with running(guide.API) as (api,):  # policy.yaml comes before policy.json
        auditor = dict(HEADERS, **{"X-Roles": "auditor"})
        assert status_of("/v1/status", headers=auditor) == 200
        assert status_of("/v1/status", headers=operator) == 403
        write("/etc/gnocchi/policy.yaml", '"get status": "role:operator"\n')
        api.popen.send_signal(signal.SIGHUP)
        harness.wait_until(lambda: status_of("/v1/status", headers=operator) == 200,
                           "the rules are read again")


def paste_pipeline(build):
    """pipeline = gnocchi+noauth, changed to gnocchi+auth for Keystone; auth_mode wins."""
    write(CONF, guide.EMBEDDED)
    upgrade()
    write(PASTE, "[pipeline:main]\npipeline = gnocchi+noauth\n")
    with running(guide.API):
        assert status_of("/v1/metric", headers=HEADERS) == 200
    write(PASTE, "[pipeline:main]\n# Keystone\npipeline = gnocchi+auth\n")
    if os.path.exists(os.path.join(build, "plugins/auth-keystone.so")):
        # Nobody has a token, and nobody answers for Keystone.
        write(CONF, guide.EMBEDDED + guide.conf(KEYSTONE="127.0.0.1").split("\n\n")[3] + "\n")
        with running(guide.API):
            answer = harness.Client(URL, user=None, headers=HEADERS).get("/v1/metric")
            assert answer.status == 401, (answer.status, answer.body)
            assert "Keystone uri=" in answer.headers["WWW-Authenticate"], answer.headers
    else:
        done = subprocess.run(guide.API, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 78 and b"keystone" in done.stdout, done.stdout
    write(CONF, guide.EMBEDDED + "[api]\nauth_mode = basic\n")
    with running(guide.API):
        assert status_of("/v1/metric", headers=HEADERS) == 401
        assert status_of("/v1/metric", "admin") == 200


def gnocchi_upgrade(build):
    """gnocchi-upgrade makes everything, again and again, with the legacy types by setting or option,
    and leaves out what it is told to leave out."""
    database, storage = "/var/lib/gnocchi/gnocchi.db", "/var/lib/gnocchi/data"
    where = ("[indexer]\nurl = sqlite:///%s\n[storage]\nfile_basepath = %s\n" % (database, storage))
    write(CONF, "[DEFAULT]\ncreate_legacy_resource_types = True\n" + where)
    upgrade()
    before = sorted(os.listdir(storage))
    assert "created" not in upgrade() and sorted(os.listdir(storage)) == before
    with running(guide.API):
        assert guide.legacy_types(admin()) == guide.LEGACY_TYPES
        policies = {p["name"] for p in admin().expect(200, "GET", "/v1/archive_policy")}
        assert policies == {"low", "medium", "high", "bool"}, policies
        rules = admin().expect(200, "GET", "/v1/archive_policy_rule")
        assert [(r["name"], r["metric_pattern"], r["archive_policy_name"]) for r in rules] == [
            ("default", "*", "low")], rules

    def anew(*arguments):
        for path in glob.glob("/var/lib/gnocchi/*"):
            subprocess.run(["rm", "-rf", path], check=True)
        return upgrade(*arguments)
    write(CONF, where)
    anew()
    with running(guide.API):
        assert not guide.legacy_types(admin())
    upgrade("--create-legacy-resource-types")
    with running(guide.API):
        assert guide.legacy_types(admin()) == guide.LEGACY_TYPES

    anew("--skip-storage", "--skip-incoming")
    assert os.path.exists(database) and not os.path.exists(storage)
    upgrade("--skip-index", "--skip-archive-policies-creation", "--sacks-number", "7")
    assert glob.glob(storage + "/incoming7-*")
    anew("--skip-archive-policies-creation")
    with running(guide.API):
        assert admin().expect(200, "GET", "/v1/archive_policy") == []
    # Without an index there is nowhere to put policies; that is said, and nothing is half done.
    subprocess.run(["rm", "-rf", database], check=True)
    done = subprocess.run(["gnocchi-upgrade", "--skip-index"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode != 0 and b"archive_policy" in done.stdout, done.stdout


def gnocchi_api(build):
    """The guide's command line for the API, which uses all cores and survives overload."""
    with guide.database() as server:
        write(CONF, "[indexer]\nurl = mysql+pymysql://gnocchi:%s@127.0.0.1:%d/gnocchi\n"
              % (guide.PASSWORD, server.port))
        upgrade()
        with running(guide.API) as (api,):
            assert "event=ready" in read(guide.API_LOG)
            with concurrent.futures.ThreadPoolExecutor(64) as pool:
                answers = list(pool.map(lambda _: status_of("/v1/metric", "admin"), range(2000)))
                assert set(answers) == {200}, answers
                assert busy_threads(api.popen.pid) >= 2, "one thread has done it all"
                overload(server, pool)


def busy_threads(pid):
    """Threads that have used some time of a CPU."""
    busy = 0
    for stat in glob.glob("/proc/%d/task/*/stat" % pid):
        fields = read(stat).rsplit(")", 1)[1].split()
        busy += int(fields[11]) + int(fields[12]) > 0
    return busy


def stopped(pid):
    """Whether all threads are; one that runs on another CPU goes on for a moment."""
    return all(read(stat).rsplit(")", 1)[1].split()[0] == "T"
               for stat in glob.glob("/proc/%d/task/*/stat" % pid))


def overload(server, pool):
    """While the database hangs, whoever asks is told to come back, and soon; then all is well."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        harness.wait_until(lambda: stopped(server.pid), "the database is stopped")
        start = time.monotonic()
        answers = list(pool.map(lambda _: harness.Client(URL).get("/v1/metric", timeout=60),
                                range(130)))
        took = time.monotonic() - start
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert {answer.status for answer in answers} == {503}, [a.status for a in answers]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert took < 120, took
    harness.wait_until(lambda: status_of("/v1/metric", "admin") == 200, "the API serves again")


def gnocchi_metricd(build):
    """The guide's command line for metricd, which finds /etc/gnocchi/gnocchi.conf by itself."""
    write(CONF, guide.EMBEDDED)
    upgrade()
    with running(guide.API, guide.METRICD):
        guide.post_and_read(admin())
    assert "event=ready" in read(guide.METRICD_LOG) and "event=stops" in read(guide.METRICD_LOG)
    assert read("/var/log/gnocchi/gnocchi-metricd.out") == ""


ROWS = [mysql_grants, gnocchi_conf, config_generator, configuration_files, paste_pipeline,
        gnocchi_upgrade, gnocchi_api, gnocchi_metricd]


def main():
    build, row = sys.argv[1:]
    alone(build)
    {function.__name__: function for function in ROWS}[row](build)
    print("holds: " + row)


main()
