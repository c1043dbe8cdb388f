"""Curves over two logarithmic axes, as SVG."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 930, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 340, 50, 60
COLOURS = ["#1b6ca8", "#d1495b", "#2e8b57", "#8e5ea2", "#c77f1a", "#4a4a4a", "#0f9d9d"]
MARKS = ["circle", "square"]  # in turn, for those who see no colours
STYLE = "font-family:Helvetica,Arial,sans-serif;font-size:13px;fill:#222"


class Axis:
    """Whole decades around the values, mapped to [low, high] in pixels."""

    def __init__(self, values, low, high):
        logs = [math.log10(v) for v in values]
        self.first, self.last = math.floor(min(logs) + 1e-9), math.ceil(max(logs) - 1e-9)
        if self.first == self.last:
            self.last += 1
        self.low, self.high = low, high

    def at(self, value):
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return self.low + share * (self.high - self.low)

    def decades(self):
        return range(self.first, self.last + 1)


def log_log(title, x_title, y_title, curves, y_label):
    """curves: {name: [(x, y)]}, all above zero; y_label(10 ** n): text of a tick."""
    points = [p for curve in curves.values() for p in curve]
    x = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT)
    y = Axis([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
             'style="%s">' % (WIDTH, HEIGHT, WIDTH, HEIGHT, STYLE),
             '<rect width="100%" height="100%" fill="white"/>',
             text(LEFT, 28, title, "start", "font-size:16px;font-weight:bold")]
    parts += grid(x, y, y_label)
    parts.append(text((x.low + x.high) / 2, HEIGHT - 14, x_title))
    parts.append('<g transform="translate(18 %.1f) rotate(-90)">%s</g>' % (
        (y.low + y.high) / 2, text(0, 0, y_title)))
    for number, (name, curve) in enumerate(curves.items()):
        parts += draw(number, [(x.at(a), y.at(b)) for a, b in curve])
        parts += legend(number, name)
    return "\n".join(parts + ["</svg>"]) + "\n"


def grid(x, y, y_label):
    parts = []
    for n in x.decades():
        at = x.at(10.0 ** n)
        parts.append(line(at, y.low, at, y.high, "#ddd"))
        parts.append(text(at, y.low + 20, "{:,}".format(10 ** n)))
    for n in y.decades():
        at = y.at(10.0 ** n)
        parts.append(line(x.low, at, x.high, at, "#ddd"))
        parts.append(text(x.low - 8, at + 4, y_label(10.0 ** n), "end"))
    parts.append(line(x.low, y.low, x.high, y.low, "#222"))
    parts.append(line(x.low, y.low, x.low, y.high, "#222"))
    return parts


def draw(number, pixels):
    colour = COLOURS[number % len(COLOURS)]
    path = " ".join("%.1f,%.1f" % p for p in pixels)
    parts = ['<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (path, colour)]
    return parts + [mark(number, px, py) for px, py in pixels]


def mark(number, px, py):
    colour = COLOURS[number % len(COLOURS)]
    if MARKS[number % len(MARKS)] == "circle":
        return '<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>' % (px, py, colour)
    return '<rect x="%.1f" y="%.1f" width="7" height="7" fill="%s"/>' % (px - 3.5, py - 3.5, colour)


def legend(number, name):
    left, at = WIDTH - RIGHT + 20, TOP + 12 + 24 * number
    return [line(left, at, left + 24, at, COLOURS[number % len(COLOURS)], 2),
            mark(number, left + 12, at), text(left + 32, at + 4, name, "start")]


def line(x1, y1, x2, y2, colour, width=1):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%d"/>' % (
        x1, y1, x2, y2, colour, width)


def text(x, y, what, anchor="middle", style=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" style="%s">%s</text>' % (
        x, y, anchor, style, escape(what))
