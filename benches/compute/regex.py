"""Lines of a web server's log, taken apart by a regular expression."""
import re

LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) ([^ "]+) HTTP/[0-9.]+" (\d{3}) (\d+|-)')


def main(args):
    hits, bytes_sent, failures = {}, 0, []
    for line in args["lines"]:
        match = LINE.match(line)
        if match is None:
            failures.append(line[:20])
            continue
        host, _, method, path, status, size = match.groups()
        path = re.sub(r"/\d+", "/:id", path.partition("?")[0])
        key = method + " " + path
        hits[key] = hits.get(key, 0) + 1
        if size != "-":
            bytes_sent += int(size)
        if status.startswith("5"):
            failures.append(host)
    return {"hits": hits, "bytes": bytes_sent, "failures": failures}
