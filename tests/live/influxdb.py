"""What Telegraf sends to an InfluxDB 1.x, sent to gnocchi-api: creation of the database, batches in
chunks and gzip, timestamps in seconds; read back as measures.

    influxdb.py BUILD sqlite|mysql
"""
import gzip
import http.client
import sys

import harness

LINES = b"".join(b"cpu,cpu=cpu%d,host=web-%d usage_idle=%d.5,n=%di,state=\"ok\" %d\n" % (
    cpu, host, host, cpu, 1510150170000000000 + second * 10**9)
    for host in range(20) for cpu in range(2) for second in range(5))


def chunks(data, size):
    for at in range(0, len(data), size):
        yield data[at:at + size]


def send_chunked(deployment, path, data):
    connection = http.client.HTTPConnection("127.0.0.1", deployment.port, timeout=30)
    connection.request("POST", path, body=chunks(data, 999), encode_chunked=True, headers=dict(
        deployment.client().headers, **{"Transfer-Encoding": "chunked",
                                        "Content-Type": "text/plain; charset=utf-8"}))
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 204, (answer.status, body)
    connection.close()


def check_measures(client):
    for host in (0, 19):
        resource = client.expect(200, "GET", "/v1/resource/telegraf/web-%d" % host)
        assert sorted(resource["metrics"]) == [
            "cpu.n@cpu=cpu0", "cpu.n@cpu=cpu1",
            "cpu.usage_idle@cpu=cpu0", "cpu.usage_idle@cpu=cpu1"], resource["metrics"]
        rows = client.expect(
            200, "GET", "/v1/resource/telegraf/web-%d/metric/cpu.usage_idle@cpu=cpu1/measures"
            "?refresh=true&aggregation=count" % host)
        assert [row[2] for row in rows] == [5.0], rows
        rows = client.expect(
            200, "GET", "/v1/resource/telegraf/web-%d/metric/cpu.usage_idle@cpu=cpu1/measures"
            "?refresh=true" % host)
        assert rows == [["2017-11-08T14:05:00+00:00", 300.0, host + 0.5]], rows


def run(build, kind):
    with harness.workspace() as where:
        database = harness.Database(kind, where)
        deployment = harness.Deployment(build, where, database)
        try:
            deployment.upgrade()
            deployment.start_api()
            deployment.start_metricd()
            client = deployment.client()
            client.expect(204, "POST", "/v1/influxdb/query", "q=CREATE+DATABASE+%22telegraf%22",
                          headers={"Content-Type": "application/x-www-form-urlencoded"})
            send_chunked(deployment, "/v1/influxdb/write?db=telegraf&precision=ns", LINES)
            check_measures(client)
            # The same again changes nothing, packed or not, in whatever unit.
            client.expect(204, "POST", "/v1/influxdb/write?db=telegraf", gzip.compress(LINES),
                          headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})
            client.expect(204, "POST", "/v1/influxdb/write?db=telegraf&precision=s",
                          LINES.replace(b"000000000\n", b"\n"),
                          headers={"Content-Type": "text/plain"})
            check_measures(client)
            bad = client.post("/v1/influxdb/write?db=telegraf", LINES + b"cpu,host=new v=\n",
                              headers={"Content-Type": "text/plain"})
            assert bad.status == 400, bad.body
            assert "line 201: column 16" in bad.json["description"]["reason"], bad.body
            bomb = client.post("/v1/influxdb/write?db=telegraf", gzip.compress(b" " * (65 << 20)),
                               headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})
            assert bomb.status == 413, bomb.status
            assert client.get("/v1/resource/telegraf/new").status == 404
        finally:
            deployment.stop()
            database.drop()
    print("20 hosts, 80 metrics, 400 points written in chunks, gzip and seconds and read back")


run(sys.argv[1], sys.argv[2])
