"""Composes benches/RESULTS.md and its plots from what the other benchmarks wrote: figures beside the targets.

benches/MISSED.md, which people write, says why some are missed.

    python3 scripts/bench_results.py benches
"""

import json
import math
import os
import platform
import sys

COLOURS = {"Rust": "#b7410e", "PyPy": "#3b6ea5", "Upshift": "#2e7d32"}
# What the project means to reach: kind, functions, times CPython 3.11.
KINDS = [
    ("floats", ["nbody", "mandelbrot"], 70),
    ("integer loops", ["collatz"], 30),
    ("recursion", ["fib"], 45),
    ("classes", ["classes"], 100),
    ("grids", ["life", "maze"], 30),
    ("strings and word counts", ["words", "slugs", "distance"], 4),
    ("records, JSON in and out", ["group", "join", "transform"], 6),
    ("authorise", ["authorize"], 8),
]


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def load(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def bars(title, groups, names, unit):
    """An SVG of horizontal bars on a logarithmic scale: a group a row, a bar a name."""
    height, left, width = 14, 130, 560
    values = [value for _, row in groups for value in row if value]
    low, high = min([1, *values]), max(values)
    place = lambda value: left + width * (math.log(value) - math.log(low)) / max(math.log(high) - math.log(low), 1e-9)
    rows = len(groups) * (len(names) * height + 8)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{rows + 60}" font-family="sans-serif" font-size="11">'
    yield f'<text x="{left}" y="16" font-size="13">{title}</text>'
    y = 30
    for label, row in groups:
        yield f'<text x="{left - 6}" y="{y + len(names) * height / 2 + 4}" text-anchor="end">{label}</text>'
        for name, value in zip(names, row):
            if value:
                end = place(value)
                yield f'<rect x="{min(place(1), end):.1f}" y="{y}" width="{max(abs(end - place(1)), 1):.1f}" height="{height - 2}" fill="{COLOURS.get(name, "#888")}"/>'
                yield f'<text x="{max(end, place(1)) + 4:.1f}" y="{y + height - 4}">{value:.3g}{unit}</text>'
            y += height
        y += 8
    for at, name in enumerate(names):
        yield f'<rect x="{left + at * 110}" y="{y + 6}" width="10" height="10" fill="{COLOURS.get(name, "#888")}"/>'
        yield f'<text x="{left + at * 110 + 14}" y="{y + 15}">{name}</text>'
    yield "</svg>"


def write(path, lines):
    with open(path, "w") as file:
        print("\n".join(lines), file=file)


def verdict(reached):
    return "reached" if reached else "missed"


def compute_rows(compute):
    ratio = lambda function, peer: (compute["ratios"].get(function) or {}).get(peer)
    for kind, functions, target in KINDS:
        mine = geometric_mean([ratio(function, "Upshift") for function in functions])
        rust = geometric_mean([ratio(function, "Rust") for function in functions])
        yield f"| {kind} ({', '.join(functions)}) | {target}x | {mine:.1f}x | {rust:.1f}x | {verdict(mine >= target)} |"
    every = list(compute["ratios"])
    means = {peer: geometric_mean([ratio(function, peer) for function in every]) for peer in compute["peers"]}
    yield f"| geometric mean of {len(every)} | that of Rust | {means.get('Upshift', 0):.2f}x | {means.get('Rust', 0):.2f}x | {verdict(means.get('Upshift', 0) >= means.get('Rust', 1e9))} |"


def serving_rows(serving):
    served, busy = serving["served"], serving["busy"]
    limit_name, native_name, python_name = "hyper and Rust, 1 thread", "Upshift, native", "Upshift, Python tier"
    limit, native, python = (served.get(name) for name in (limit_name, native_name, python_name))
    if limit and native:
        share = native["rate"] / limit["rate"]
        yield f"| native requests a second, of bare hyper's | 90 % | {share * 100:.0f} % | {verdict(share >= 0.9)} |"
        slower = native["p99"] / limit["p99"]
        yield f"| native p99, of bare hyper's | 1.5x | {slower:.1f}x | {verdict(slower <= 1.5)} |"
    if python:
        yield f"| Python tier, requests a second on one worker | 50,000 | {python['rate']:,.0f} | {verdict(python['rate'] >= 50000)} |"
        rates = {name: row["rate"] for name, row in served.items() if name not in (native_name, python_name, limit_name)}
        if rates:
            best = max(rates, key=rates.get)
            yield f"| the same, of the best Python server's ({best}) | 100 % | {python['rate'] / rates[best] * 100:.0f} % | {verdict(python['rate'] >= rates[best])} |"
    if "Upshift, native" in busy:
        figures = busy["Upshift, native"]
        slower = figures["beside"][2] / figures["quiet"][2]
        yield f"| p99 beside a function of 500 ms | 2x | {slower:.1f}x | {verdict(slower <= 2)} |"


def lifecycle_rows(life):
    ups = [figures for figures in life["way_up"].values() if figures.get("live")]
    middle = lambda values: sorted(values)[len(values) // 2]
    if ups:
        live = max(figures["live"] for figures in ups)
        yield f"| from the threshold to live code, under 100 lines, the slowest of {len(ups)} | 0.5 s | {live:.2f} s (median {middle([figures['live'] for figures in ups]):.2f}) | {verdict(live <= 0.5)} |"
        traced = middle([figures["traced"] / figures["plain"] for figures in ups])
        yield f"| a traced invocation, of a plain one, median of the functions | 3x | {traced:.1f}x | {verdict(traced <= 3)} |"
        first = middle([figures["first_100"] / figures["plain_100"] for figures in ups])
        yield f"| the first 100 invocations, of plain CPython's, median | 1.2x | {first:.2f}x | {verdict(first <= 1.2)} |"
        answer = middle([figures["first_answer"] for figures in ups])
        yield f"| a first answer after deployment, median | 20 ms | {answer * 1000:.0f} ms | {verdict(answer <= 0.02)} |"
    if len(life["scale"]) > 1:
        small, large = life["scale"][0], life["scale"][-1]
        each = (large["idle"][0] - small["idle"][0]) / (large["actions"] - small["actions"])
        yield f"| memory of an idle action, of {large['actions']:,} | 50 kB | {each / 1000:.0f} kB | {verdict(each <= 50_000)} |"
        grown = lambda row: row["after"][0] - row["idle"][0]
        # The compiler's part is there once; what each further one takes is the difference.
        more = large["native"] - small["native"]
        if more > 0:
            native = (grown(large) - grown(small)) / more
            yield f"| memory of a native one, of {small['native']} to {large['native']} | 0.5 MB | {native / 1e6:.2f} MB | {verdict(native <= 500_000)} |"
            yield f"| memory of the first native one | – | {(grown(small) - small['native'] * native) / 1e6:.0f} MB | |"
        flat = large["p50"] / small["p50"]
        yield f"| a request with {large['actions']:,} actions, of one with {small['actions']} | flat | {flat:.2f}x | {verdict(flat <= 1.2)} |"
        yield f"| start with {large['actions']:,} actions | – | {large['start']:.1f} s | |"


def main():
    folder = sys.argv[1]
    compute, serving, life = (load(folder, f"figures/{name}.json") for name in ("compute", "serving", "lifecycle"))
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    lines = ["# Results", "", f"Written by `make bench` on {cpu}, {os.cpu_count()} processors, {platform.system()} {platform.release().split('-')[0]}."]
    lines += ["Figures are ratios within one run; a machine that is shared makes single ones vary, so look at what is far apart.", ""]
    if compute:
        lines += ["## Compute", "", "| kind | target | Upshift | hand-written Rust | |", "| --- | --- | --- | --- | --- |", *compute_rows(compute), ""]
        names = [name for name in ("Rust", "PyPy", "Upshift") if name in compute["peers"]]
        groups = [(function, [ratios.get(name) for name in names]) for function, ratios in compute["ratios"].items()]
        write(os.path.join(folder, "compute.svg"), bars("times as quick as CPython 3.11, bytes to bytes", groups, names, "x"))
        lines += ["![times as quick as CPython 3.11](compute.svg)", "", "Every function and peer: [COMPUTE.md](COMPUTE.md).", ""]
    if serving:
        lines += ["## Serving", "", "| | target | measured | |", "| --- | --- | --- | --- |", *serving_rows(serving), ""]
        lines += ["| server | requests a second, 32 connections (least to most) | p50 µs | p99 µs |", "| --- | --- | --- | --- |"]
        for name, row in serving["served"].items():
            lines.append(f"| {name} | {row['rate']:,.0f} ({row['rates'][0]:,.0f} to {row['rates'][-1]:,.0f}) | {row['p50']:.0f} | {row['p99']:.0f} |")
        lines += [f"\nNot measured: {name} ({reason})." for name, reason in serving["skipped"].items()]
        groups = [(name[:22], [row["rate"]]) for name, row in serving["served"].items()]
        write(os.path.join(folder, "serving.svg"), bars("authorize, requests a second", groups, ["Upshift"], ""))
        lines += ["", "![requests a second](serving.svg)", ""]
    if life:
        lines += ["## The way up, and scale", "", "| | target | measured | |", "| --- | --- | --- | --- |", *lifecycle_rows(life), ""]
        lines += ["| function | lines | plain ms | traced ms | live after s | native ms | first 100, of plain |", "| --- | --- | --- | --- | --- | --- | --- |"]
        for name, row in life["way_up"].items():
            live, native = row.get("live"), row.get("native")
            lines.append(
                f"| {name} | {row['lines']} | {row['plain'] * 1000:.2f} | {row['traced'] * 1000:.2f} | {f'{live:.2f}' if live else '–'} | "
                f"{f'{native * 1000:.2f}' if native else '–'} | {row['first_100'] / row['plain_100']:.2f}x |"
            )
        lines += ["", "| actions | start s | idle MB, with workers | native | then MB | p50 / p99 ms | first answer of another ms |", "| --- | --- | --- | --- | --- | --- | --- |"]
        for row in life["scale"]:
            cold = f"{row['cold'] * 1000:.0f}" if row["cold"] else "–"
            lines.append(
                f"| {row['actions']:,} | {row['start']:.1f} | {row['idle'][0] / 1e6:.0f}, {row['idle'][1] / 1e6:.0f} | {row['native']} | "
                f"{row['after'][0] / 1e6:.0f}, {row['after'][1] / 1e6:.0f} | {row['p50'] * 1000:.2f} / {row['p99'] * 1000:.2f} | {cold} |"
            )
        lines.append("")
    with open(os.path.join(folder, "MISSED.md")) as file:
        lines += [file.read()]
    lines += ["Functions that ask services are in [EFFECTS.md](EFFECTS.md)."]
    write(os.path.join(folder, "RESULTS.md"), lines)


main()
