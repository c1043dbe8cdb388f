"""What is in the pool of tests/services/ceph, object by object."""
import re

import harness

# What both sides call a bundle of measures: the metric, a random id, the time.
BUNDLE_KEY = re.compile(r"measure_([0-9a-f-]{36})_[0-9a-f-]{36}_\d{8}_\d\d:\d\d:\d\d$")


class Pool:
    def __init__(self, ceph):
        """`ceph`: a harness.CephPool."""
        try:
            import rados
        except ImportError:
            harness.skip("python3-rados is not installed")
        self.rados = rados
        self.cluster = rados.Rados(conffile=ceph.conf, rados_id="gnocchi",
                                   conf={"keyring": ceph.keyring})
        self.cluster.connect()
        self.pool = self.cluster.open_ioctx("gnocchi")

    def omap(self, name):
        """Key by key; empty without the object."""
        found, after = {}, ""
        while True:
            with self.rados.ReadOpCtx() as op:
                page, _ = self.pool.get_omap_vals(op, after, "", 1000)
                try:
                    self.pool.operate_read_op(op, name)
                except self.rados.ObjectNotFound:
                    return {}
                page = list(page)
            found.update(page)
            if len(page) < 1000:
                return found
            after = page[-1][0]

    def of_metrics(self, ids):
        """Of each metric its objects, as {name: (bytes, {omap key: value})}, with ID for the id in
        names and keys."""
        found = {id: {} for id in ids}
        for listed in self.pool.list_objects():
            name = listed.key
            id = name[8:44]
            if not name.startswith("gnocchi_") or id not in found:
                continue
            size, _ = self.pool.stat(name)
            omap = {key.replace(id, "ID"): value for key, value in self.omap(name).items()}
            found[id][name.replace(id, "ID")] = (self.pool.read(name, length=size + 1), omap)
        return found

    def bundles(self, sacks):
        """Pending measures: [(metric, bytes)], of keys that are as they should be."""
        found = []
        for sack in range(sacks):
            for key, value in self.omap("incoming%d-%d" % (sacks, sack)).items():
                matched = BUNDLE_KEY.match(key)
                assert matched, "the key of a bundle: %s" % key
                found.append((matched.group(1), value))
        return found

    def close(self):
        self.pool.close()
        self.cluster.shutdown()
