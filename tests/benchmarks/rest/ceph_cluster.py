"""What waits in the pool of tests/services/ceph, and what its OSD has done."""
import json
import os
import subprocess
import time

import harness
import rados


class Osd:
    def __init__(self):
        self.run = os.path.join(os.environ["GNOCCHI_TEST_CEPH_DIR"], "run")

    def groups(self):
        with open(os.path.join(self.run, "osd.0.pid")) as f:
            return {int(f.read())}

    def operations(self):
        """Operations of clients so far, by its own count."""
        dump = subprocess.run(["/usr/bin/ceph", "daemon", os.path.join(self.run, "osd.0.asok"),
                               "perf", "dump", "osd"], stdout=subprocess.PIPE, check=True)
        return json.loads(dump.stdout)["osd"]["op"]


class Backlog:
    """Whether anything waits: asked of one sack at a time, which is next to no work."""

    def __init__(self, sacks, seconds):
        pool = harness.CephPool()
        self.sacks, self.seconds, self.questions = sacks, seconds, 0
        self.cluster = rados.Rados(conffile=pool.conf, rados_id="gnocchi",
                                   conf={"keyring": pool.keyring})
        self.cluster.connect()
        self.pool = self.cluster.open_ioctx("gnocchi")

    def waits(self, sack):
        self.questions += 1
        with rados.ReadOpCtx() as op:
            keys, _ = self.pool.get_omap_keys(op, "", 1)
            try:
                self.pool.operate_read_op(op, "incoming%d-%d" % (self.sacks, sack))
            except rados.ObjectNotFound:
                return False
            return any(keys)

    def is_empty(self):
        return not any(self.waits(sack) for sack in range(self.sacks))

    def wait_until_empty(self):
        """Once nobody adds anything."""
        end = time.monotonic() + self.seconds
        for sack in range(self.sacks):
            while self.waits(sack):
                assert time.monotonic() < end, "not drained within %d s" % self.seconds
                time.sleep(0.005)

    def close(self):
        self.pool.close()
        self.cluster.shutdown()
