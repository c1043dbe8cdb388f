"""Prometheus's remote write: WriteRequest of protobuf, compressed by snappy."""
import struct

import data
import load


def varint(n):
    out = bytearray()
    while n > 0x7f:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, payload):
    """Of length-delimited type."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def label(name, value):
    return field(1, field(1, name.encode()) + field(2, value.encode()))


class Writer:
    """Writes of a set of series, with what stays the same made once."""

    def __init__(self, series, count):
        self.series = [
            (label("__name__", "m") + label("id", s.name) +
             label("project", s.project) + label("set", s.set),
             [b"\x09" + struct.pack("<d", v) + b"\x10" for v in data.values(s.number, count)])
            for s in series]

    def request(self, times, first):
        """times: seconds since the epoch; the values from the `first` one on."""
        import snappy
        stamps = [varint(int(t) * 1000) for t in times]
        series = []
        for labels, values in self.series:
            samples = b"".join(field(2, v + t) for v, t in zip(values[first:], stamps))
            series.append(field(1, labels + samples))
        return load.Request("POST", "/api/v1/write", snappy.compress(b"".join(series)), {
            "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0"})
