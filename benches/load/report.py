"""Tables and a plot of what was measured."""

import statistics

import load

BASE = "bare"
TITLES = {
    "bare": "bare hyper proxy, no check",
    "before": "the gateway before",
    "gateway": "wafflehaus",
    "keystone": "wafflehaus, tokens by Keystone",
    "nginx": "nginx, no check",
    "nginx-lua": "nginx + Lua check",
}
COLOURS = {"bare": "#9a9a9a", "nginx": "#c3b091", "nginx-lua": "#a0522d", "before": "#b8cfe0"}


def ratios(figures, work, target):
    """Of each round, to the bare proxy in the same round."""
    base = figures[work].get(BASE)
    own = figures[work].get(target)
    return [mine / its for mine, its in zip(own, base)] if own and base else []


def cell(figures, work, target):
    own = figures[work].get(target)
    if not own:
        return "–"
    text = f"{statistics.median(own):.2f} s"
    ratio = ratios(figures, work, target)
    if ratio:
        low, high = statistics.quantiles(ratio, n=4)[::2] if len(ratio) > 1 else ratio * 2
        text += f" (**{statistics.median(ratio):.2f}**, {low:.2f}–{high:.2f})"
    return text


def table(figures, targets):
    """CPU seconds for 100,000 requests: medians, and in brackets the ratio with its quartiles."""
    lines = ["| | " + " | ".join(load.WORK[work][0] for work in figures) + " |"]
    lines.append("|---" * (len(figures) + 1) + "|")
    for target in targets:
        cells = [cell(figures, work, target) for work in figures]
        lines.append(f"| {TITLES.get(target, target)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(figures, targets):
    """Bars of the ratios, a group for each kind of request."""
    works = [work for work in figures if ratios(figures, work, BASE)]
    bar, gap, left, scale = 16, 26, 210, 110
    parts, top = [], 20
    for work in works:
        parts.append(f'<text x="8" y="{top}" font-weight="bold">{load.WORK[work][0]}</text>')
        top += 8
        for target in filter(lambda target: figures[work].get(target), targets):
            value = statistics.median(ratios(figures, work, target))
            width = min(value, 4.5) * scale
            colour = COLOURS.get(target, "#2e6f9e")
            parts.append(f'<text x="{left - 8}" y="{top + 12}" text-anchor="end">{TITLES.get(target, target)}</text>')
            parts.append(f'<rect x="{left}" y="{top}" width="{width:.0f}" height="{bar - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{left + width + 6:.0f}" y="{top + 11}">{value:.2f}</text>')
            top += bar
        top += gap
    line = left + scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="780" height="{top}" font-family="sans-serif" font-size="12">'
        f'<rect width="780" height="{top}" fill="white"/>'
        f'<line x1="{line}" y1="8" x2="{line}" y2="{top - 16}" stroke="#555" stroke-dasharray="3 3"/>'
        + "".join(parts)
        + f'<text x="{left}" y="{top - 6}">CPU time of a request, the bare proxy = 1</text></svg>\n'
    )
