"""What is validated once is known to all that share a memcached: our processes and Python's.

usage: keystone_memcached.py BUILD_DIRECTORY

Runs a Keystone and a memcached of its own. python3-keystonemiddleware's own cache reads what we
wrote and writes what we read, plain, signed and encrypted.
"""
import logging
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloud  # noqa: E402
import harness  # noqa: E402

try:
    from keystonemiddleware.auth_token import _cache
except ImportError as e:
    harness.skip("python3-keystonemiddleware is not installed (%s)" % e)

PATH = "/v1/archive_policy"
SECRET = "a secret of all services"
LINES = """memcached_servers = {server}
memcache_security_strategy = {strategy}
memcache_secret_key = {secret}
memcache_pool_dead_retry = 2
http_connect_timeout = 10
"""


def python_cache(keystone, strategy):
    log, servers = logging.getLogger("test"), [keystone.memcached]
    if strategy == "None":
        cache = _cache.TokenCache(log, cache_time=60, memcached_servers=servers,
                                  use_advanced_pool=False)
    else:
        cache = _cache.SecureTokenCache(log, strategy, SECRET, cache_time=60,
                                        memcached_servers=servers, use_advanced_pool=False)
    cache.initialize({})
    return cache


def deploy(build, where, keystone, database, strategy, name):
    place = os.path.join(where, name)
    os.makedirs(place)
    gnocchi = harness.Deployment(
        build, place, database, storage=os.path.join(where, "storage"), auth="keystone",
        options=cloud.options(keystone, LINES.format(server=keystone.memcached, strategy=strategy,
                                                     secret=SECRET)))
    gnocchi.upgrade()
    gnocchi.start_api()
    return gnocchi


def status(gnocchi, token):
    begin = time.monotonic()
    answer = cloud.with_token(gnocchi, token).get(PATH)
    return answer.status, time.monotonic() - begin


def expect(wanted, gnocchi, token, within=20):
    got, seconds = status(gnocchi, token)
    assert got == wanted and seconds < within, (got, seconds)


def check_sharing(build, where, keystone, database, strategy):
    one, two = (deploy(build, where, keystone, database, strategy, strategy + name)
                for name in ("-one", "-two"))
    try:
        cache = python_cache(keystone, strategy)
        ours, said = keystone.token_of("demo")
        unknown = keystone.token_of("alt")[0]
        assert cache.get(ours) is None
        expect(200, one, ours)
        assert cache.get(ours)["token"]["user"]["id"] == said["user"]["id"]
        # A service of Python's has validated these.
        python, said = keystone.token_of("viewer")
        ended = keystone.token_of("viewer")[0]
        cache.set(python, {"token": said})
        cache.set(ended, {"token": dict(said, expires_at="2020-01-01T00:00:00.000000Z")})
        cache.set("rubbish", ["no token's data"])
        expect(401, two, "rubbish")
        expect(200, two, ended)  # what Keystone says counts
        keystone.control("stop", "keystone")
        try:
            expect(200, two, ours)
            expect(200, two, python)
            expect(503, two, unknown)
        finally:
            keystone.control("start", "keystone")
        harness.wait_until(lambda: status(two, unknown)[0] == 200, "Keystone is back")
        if strategy == "None":
            check_faults(one, keystone)
        for gnocchi in (one, two):
            gnocchi.stop()
    finally:
        for gnocchi in (one, two):
            gnocchi.kill()


def check_faults(gnocchi, keystone):
    def fresh():
        return keystone.token_of("demo")[0]
    tokens = [fresh() for _ in range(8)]
    keystone.control("stop", "memcached")
    for token in tokens[:3]:
        expect(200, gnocchi, token, within=8)
    keystone.control("start", "memcached")
    time.sleep(2)  # memcache_pool_dead_retry
    cache = python_cache(keystone, "None")
    expect(200, gnocchi, tokens[3])
    assert cache.get(tokens[3]), "memcached is not used again"
    keystone.control("pause", "memcached")
    try:
        for token in tokens[4:7]:
            expect(200, gnocchi, token, within=8)
    finally:
        keystone.control("resume", "memcached")
    time.sleep(2)
    expect(200, gnocchi, tokens[7])
    assert cache.get(tokens[7]), "memcached is not used again"
    with open(os.path.join(gnocchi.where, "gnocchi-api.log")) as f:
        log = f.read()
    assert log.count("event=memcached_away") == 2 and log.count("event=memcached_back") == 2, log


def main():
    build = os.path.abspath(sys.argv[1])
    with harness.workspace() as where:
        keystone = cloud.OwnKeystone(where, 3600)
        try:
            keystone.as_admin()
            database = harness.Database("sqlite", where)
            for strategy in ("None", "MAC", "ENCRYPT"):
                check_sharing(build, where, keystone, database, strategy)
                print(strategy, flush=True)
        finally:
            keystone.down()


main()
