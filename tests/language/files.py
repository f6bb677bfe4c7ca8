# What surrounds files: paths, texts that are written and read like files, tables in CSV, locks.

import os
from os.path import splitext
def paths(p, q):
    parts = [os.path.join(p, q), os.path.join("a", p, q, "x"), os.path.split(p), splitext(p), os.path.basename(p)]
    return parts + [os.path.dirname(p), os.path.normpath(p), os.path.isabs(p), os.path.normcase(q), os.sep]

#: paths ["/x/y.z/../b.tar.gz", "c"]
#: paths ["//a///", "/d"]
#: paths ["", "..e"]
#: paths ["a/../..", "f/.g.h"]
# ---
import io
def texts(text):
    out = io.StringIO()
    for n in range(3):
        print(n, text, sep="-", end=";", file=out, flush=True)
    out.writelines([text, "\n"])
    f = io.StringIO(text)
    parts = [f.readline(), f.tell(), f.read(2), f.read(), f.seek(0), f.readlines(), f.write("zz"), f.getvalue()]
    f.seek(min(2, len(text)))
    parts += [f.write("Q"), f.tell(), f.getvalue(), list(f), f.seek(0, 2)]
    with io.StringIO(text, newline="") as lines:
        parts.append([line for line in lines])
    return parts + [out.getvalue(), lines.closed, f.closed]

#: texts ["one\ntwo\r\nthree\rfour"]
#: texts [""]
#: texts ["äöü\n"]
# ---
import csv
import io
def tables(text, rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    quoted = csv.writer(out, delimiter=";", quotechar="'", quoting=csv.QUOTE_ALL, lineterminator="\n")
    counts = [quoted.writerow(row) for row in rows]
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerow([1, 2.5, text, None])
    named = csv.DictWriter(out, ["a", "b"], extrasaction="ignore", restval="-")
    named.writeheader()
    named.writerow({"a": text, "c": 1})
    reader = csv.reader(io.StringIO(text, newline=""))
    read = list(reader)
    tabs = list(csv.reader(text.splitlines(), "excel-tab", skipinitialspace=True))
    return [out.getvalue(), counts, read, reader.line_num, tabs, list(csv.DictReader(text.splitlines(), restkey="more"))]

#: tables ["a,b\n1,2\n\"x,\"\"y\",z,more\n", [["p", 1, null], [], [""], ["q\"r", "s,t", 2.5]]]
#: tables ["", [["one\nline", true]]]
#: tables ["a, b\n\n\"open\nquote", []]
#: tables ["a\t b\n'c',d", [[null]]]
# ---
import threading
from threading import Lock
lock = threading.Lock()
again = threading.RLock()
count = 0
def locks(n):
    global count
    with lock, again:
        with again:
            count += n
        held = lock.locked()
    own = Lock()
    got = own.acquire()
    own.release()
    return [count, held, lock.locked(), got, own.acquire(False)] if n < 3 else [count]

#: locks [3]
#: locks [4]
# ---
import csv
class Lines(list):
    def write(self, text):
        self.append(text)
        return len(text)
class Loud:
    def __init__(self, log):
        self.log = log
    def __str__(self):
        self.log.append("str")
        return "loud"
def written(rows):
    lines = Lines()
    writer = csv.writer(lines)
    first = lines.write
    lines.__dict__["write"] = lambda text: lines.append("late " + text)
    counts = [writer.writerow(row) for row in rows]
    print("a", Loud(lines), sep="|", file=lines)
    return [lines, counts, first("x")]

#: written [[[1, "b\u0000"], ["", null]]]
#: written [["text", []]]
