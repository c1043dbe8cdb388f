"""Makes a failing sequence of requests as short as it can, by leaving things out and trying again."""
import copy
import json


def shrink(steps, fails, budget=150):
    """`fails(steps)` replays them and is true if the last one still shows the difference."""
    tries = [budget]

    def still(candidate):
        if tries[0] <= 0:
            return False
        tries[0] -= 1
        return fails(candidate)

    steps = without_steps(steps, still)
    return without_parts(steps, still)


def without_steps(steps, still):
    size = max(1, (len(steps) - 1) // 2)
    while True:
        at = 0
        while at < len(steps) - 1:
            candidate = steps[:at] + steps[min(at + size, len(steps) - 1):]
            if still(candidate):
                steps = candidate
            else:
                at += size
        if size == 1:
            return steps
        size = max(1, size // 2)


def without_parts(steps, still):
    """Leaves out members of bodies, headers and query parameters, one at a time."""
    for i in range(len(steps) - 1, -1, -1):
        done = False
        while not done:
            done = True
            for smaller in smaller_steps(steps[i]):
                candidate = steps[:i] + [smaller] + steps[i + 1:]
                if still(candidate):
                    steps, done = candidate, False
                    break
    return steps


def smaller_steps(step):
    for path in members(step.get("body"), ()):
        smaller = copy.deepcopy(step)
        at = smaller["body"]
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
        yield smaller
    for name in step.get("headers") or {}:
        yield dict(step, headers={k: v for k, v in step["headers"].items() if k != name})
    base, _, query = step["path"].partition("?")
    parts = query.split("&") if query else []
    for i in range(len(parts)):
        rest = "&".join(parts[:i] + parts[i + 1:])
        yield dict(step, path=base + ("?" + rest if rest else ""))


def members(value, path):
    """Paths of everything that can be deleted, outermost first."""
    keys = sorted(value) if isinstance(value, dict) else range(len(value)) if isinstance(
        value, list) else ()
    for key in keys:
        yield path + (key,)
    for key in keys:
        yield from members(value[key], path + (key,))


def as_text(step):
    parts = ["[%d] %s %s" % (step["label"], step["method"], step["path"])]
    if step.get("user"):
        parts.append("as %s" % step["user"])
    if step.get("headers"):
        parts.append(json.dumps(step["headers"], ensure_ascii=False))
    if step.get("walk"):
        parts.append("(all pages)")
    if step.get("body") is not None:
        body = step["body"]
        parts.append(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    return " ".join(parts)
