"""Compares our reader of timestamps with Python Gnocchi's on random texts."""
import datetime
import random
import subprocess
import sys
import warnings

try:
    import numpy
    numpy.int = int
    from gnocchi import utils
except ImportError as error:
    print("SKIPPED: no Python Gnocchi here: %s" % error)
    sys.exit(77)

warnings.simplefilter("ignore")
NOW = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.timezone.utc)
NOW_NS = int(NOW.timestamp()) * 10**9 + 123456000
utils.utcnow = lambda: NOW
LAST_NS = 2**63 - 1


def iso(r):
    text = "%04d" % r.choice([r.randint(1960, 2261), r.randint(0, 9999), 1970, 2016, 2262])
    text += "-%02d" % r.choice([r.randint(1, 12), r.randint(0, 14)])
    if r.random() < 0.1:
        return text
    text += "-%02d" % r.choice([r.randint(1, 28), r.randint(0, 33)])
    if r.random() < 0.1:
        return text
    text += r.choice("TTTT t") + "%02d" % r.randint(0, 24)
    if r.random() < 0.9:
        text += ":%02d" % r.randint(0, 60)
        if r.random() < 0.9:
            text += ":%02d" % r.randint(0, 60)
            if r.random() < 0.6:
                text += "." + "".join(r.choice("0123456789") for _ in range(r.randint(0, 20)))
    if r.random() < 0.5:
        text += r.choice(["Z", " ", "+00:00", "+01:00", "-0130", "+05", "-23:59", "+24:00", " Z", "Z ",
                          "+1", "+01:0", "z"])
    return text


def number(r):
    return r.choice([
        lambda: repr(r.uniform(0, 5e9)), lambda: str(r.randint(0, 5 * 10**9)),
        lambda: "%.3f" % r.uniform(1.3e9, 1.8e9), lambda: repr(r.uniform(-10, 10)),
        lambda: "%e" % r.uniform(0, 1e10), lambda: " %d " % r.randint(0, 10**6),
        lambda: "%d_%03d" % (r.randint(1, 999), r.randint(0, 999))])()


def relative(r):
    unit = r.choice(["second", "seconds", "s", "minute", "minutes", "m", "hour", "hours", "h",
                     "day", "days", "d", "week", "weeks", "w"])
    return "%s%d%s%s" % (r.choice(["", "-", "+"]), r.randint(0, 500), r.choice(["", " "]), unit)


def mutated(r, text):
    chars = list(text)
    for _ in range(r.randint(1, 2)):
        at = r.randrange(len(chars) + 1)
        kind = r.random()
        if kind < 0.4 and chars:
            chars[min(at, len(chars) - 1)] = r.choice("0123456789-+:.TZ eWx_,")
        elif kind < 0.7:
            chars.insert(at, r.choice("0123456789-+:.TZ eWx_,"))
        elif chars:
            del chars[min(at, len(chars) - 1)]
    return "".join(chars)


def expected(text):
    """Python's answer as a set of ours that agree with it."""
    try:
        value = utils.to_timestamp(text)
    except ValueError as error:
        if "Epoch" in str(error):
            # Times past nanoseconds wrap around there; ours says what is wrong with them.
            return {"before_epoch", "too_late"}
        return {"unreadable"}
    except (OverflowError, TypeError):
        return {"unreadable", "too_late"}
    if numpy.isnat(value):
        return {"unreadable", "too_late", "before_epoch"}
    return {str(value.astype("int64"))}


def wraps(text, answer):
    """Whether Python's nanoseconds have wrapped around: it then gives a time of another year."""
    if answer not in ("too_late", "before_epoch"):
        return False
    try:
        year = int(str(numpy.datetime64(text.strip(), "s"))[:5].rstrip("-"))
    except ValueError:
        return False
    return year < 1970 or year >= 2262


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    seed = random.randrange(2**32)
    r = random.Random(seed)
    texts = []
    for _ in range(count):
        text = r.choice([iso, iso, iso, number, relative])(r)
        texts.append(mutated(r, text) if r.random() < 0.3 else text)
    texts = [t for t in texts if "now" not in t.lower() and "today" not in t.lower()]
    lines = "\n".join([str(NOW_NS)] + texts) + "\n"
    answers = subprocess.run([program], input=lines, capture_output=True, text=True,
                             check=True).stdout.splitlines()
    assert len(answers) == len(texts), "%d answers to %d texts" % (len(answers), len(texts))
    differences = 0
    for text, answer in zip(texts, answers):
        wanted = expected(text)
        if answer not in wanted and not wraps(text, answer):
            differences += 1
            print("seed %d: %r is %s, Python says %s" % (seed, text, answer, sorted(wanted)))
    print("%d texts, %d differences, seed %d" % (len(texts), differences, seed))
    return 1 if differences else 0


sys.exit(main())
