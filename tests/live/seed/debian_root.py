"""A clean Debian 12 to install packages into: debootstrap's minimal system, made once and kept in the
build directory, with a throw-away layer over it for each test.

Needs root, debootstrap and the machine's own Debian mirror; whoever lacks one of them is told so and
skipped.
"""
import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

RELEASE = "bookworm"
# systemd to boot it, logrotate to rotate logs; both are on a Debian host anyway.
EXTRA = "ca-certificates,systemd,systemd-sysv,dbus,logrotate"
QUIET = ["-qq", "-o", "APT::Install-Recommends=false", "-o", "Acquire::Retries=2"]


def run(*command, **kw):
    """Its output; a command that fails fails the test, with what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, **kw)
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, "%s: %d\n%s" % (" ".join(command), done.returncode, text)
    return text


def mirror():
    """The first mirror of Debian itself that this machine's apt uses."""
    files = ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*"))
    for file in files:
        if not os.path.isfile(file):
            continue
        with open(file) as f:
            text = f.read()
        urls = re.findall(r"^URIs:\s*(\S+)", text, re.M) + re.findall(
            r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)", text, re.M)
        for url in urls:
            if "security" not in url and re.search(r"/debian/?$", url):
                return url
    return "http://deb.debian.org/debian"


def make_base(build):
    """BUILD/debian/base; a second test waits for the first to have made it."""
    folder = os.path.join(build, "debian")
    base = os.path.join(folder, "base")
    os.makedirs(os.path.join(folder, "archives/partial"), exist_ok=True)
    run("flock", os.path.join(folder, "lock"), "true")
    if os.path.isdir(base):
        return base
    making = base + ".new"
    with open(os.path.join(folder, "debootstrap.log"), "wb") as log:
        # Whoever comes second finds it made.
        script = ("[ -d %(base)s ] && exit 0; rm -rf %(making)s; "
                  "debootstrap --variant=minbase --include=%(extra)s %(release)s %(making)s %(mirror)s"
                  " && mv %(making)s %(base)s" % dict(
                      base=base, making=making, extra=EXTRA, release=RELEASE, mirror=mirror()))
        done = subprocess.run(["flock", os.path.join(folder, "lock"), "sh", "-c", script],
                              stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        with open(log.name) as f:
            harness.skip("debootstrap cannot get Debian %s from %s:\n%s"
                         % (RELEASE, mirror(), f.read()[-1000:]))
    return base


class Root:
    """A directory to chroot into. What is done in it is gone at the end."""

    def __init__(self, path):
        self.path = path
        self.knows_mirror = False

    def inside(self, name):
        return os.path.join(self.path, name.lstrip("/"))

    def run(self, *command, user=None):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                       "LC_ALL": "C", "HOME": "/root"}
        enter = ["chroot"] + (["--userspec=%s:%s" % (user, user)] if user else []) + [self.path]
        return run(*enter, *command, env=environment)

    def install(self, *packages, options=()):
        self.run("apt-get", "install", "-y", *QUIET, *options, *packages)

    def ask_mirror(self):
        """What there is to install, once."""
        try:
            if not self.knows_mirror:
                self.run("apt-get", "update", *QUIET)
        except AssertionError as fault:
            harness.skip("apt cannot reach its mirror: %s" % fault)
        self.knows_mirror = True

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.inside(name)), exist_ok=True)
        with open(self.inside(name), "w") as f:
            f.write(text)

    def read(self, name):
        with open(self.inside(name)) as f:
            return f.read()

    def files(self):
        """Every path of the system but what the kernel and apt keep."""
        pruned = ["/proc", "/sys", "/dev", "/run", "/tmp", "/debs", "/var/lib/dpkg", "/var/lib/apt",
                  "/var/cache", "/var/log/apt"]
        found = set()
        for here, folders, names in os.walk(self.path):
            place = here[len(self.path):] or "/"
            folders[:] = [f for f in folders if os.path.join(place, f) not in pruned]
            found.update(os.path.join(place, name) for name in folders + names)
        return found


def check_needs():
    if os.geteuid() != 0:
        harness.skip("only root can make a Debian root")
    for program in ("debootstrap", "dpkg-deb"):
        if not shutil.which(program):
            harness.skip(program + " is not installed")


@contextlib.contextmanager
def root(build):
    check_needs()
    base = make_base(build)
    archives = os.path.join(build, "debian/archives")
    with harness.workspace() as where, contextlib.ExitStack() as mounts:
        def mount(*arguments):
            run("mount", *arguments)
            mounts.callback(lambda: os.path.ismount(arguments[-1]) and run("umount", "-l", arguments[-1]))
        # A file system of its own: the workspace may be on one that overlays do not like.
        layer = os.path.join(where, "layer")
        top = os.path.join(where, "root")
        os.makedirs(layer)
        os.makedirs(top)
        mount("-t", "tmpfs", "none", layer)
        for name in ("upper", "work"):
            os.makedirs(os.path.join(layer, name))
        mount("-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s/upper,workdir=%s/work"
              % (base, layer, layer), top)
        made = Root(top)
        shutil.copy("/etc/resolv.conf", made.inside("/etc/resolv.conf"))
        # Nothing starts while packages are installed.
        made.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
        os.chmod(made.inside("/usr/sbin/policy-rc.d"), 0o755)
        mount("--bind", archives, made.inside("/var/cache/apt/archives"))
        mount("-t", "proc", "proc", made.inside("/proc"))
        yield made


def pack(build, where):
    """The packages of what is built, in `where`, with a fixed date in them."""
    if not shutil.which("dpkg-shlibdeps") or not shutil.which("file"):
        harness.skip("dpkg-dev and file are needed to make packages")
    run("cpack", "--config", os.path.join(build, "CPackConfig.cmake"), "-G", "DEB", "-B", where,
        env=dict(os.environ, SOURCE_DATE_EPOCH="1700000000"))
    return sorted(glob.glob(os.path.join(where, "*.deb")))


def make_packages(build):
    """The same for all tests, BUILD/debian/packages: made anew only when something has been built."""
    where = os.path.join(build, "debian/packages")
    newest = max(os.stat(path).st_mtime for path in [os.path.join(build, "CPackConfig.cmake")] + sum(
        (glob.glob(os.path.join(build, pattern)) for pattern in
         ("bin/*", "lib/*", "plugins/*.so", "packaging/debian/*", "packaging/generated/*",
          "packaging/generated/*/*")), []))
    made = sorted(glob.glob(os.path.join(where, "*.deb")))
    if made and min(os.stat(path).st_mtime for path in made) > newest:
        return made
    for folder in (where, where + ".new"):
        shutil.rmtree(folder, ignore_errors=True)
    pack(build, where + ".new")
    os.rename(where + ".new", where)
    return sorted(glob.glob(os.path.join(where, "*.deb")))


def install_ours(made, packages, options=()):
    """All of ours; what they need comes from the mirror."""
    os.makedirs(made.inside("/debs"), exist_ok=True)
    for package in packages:
        shutil.copy(package, made.inside("/debs"))
    made.ask_mirror()
    made.install(*["/debs/" + os.path.basename(p) for p in packages], options=options)


def names(packages):
    return [run("dpkg-deb", "-f", package, "Package").strip() for package in packages]
