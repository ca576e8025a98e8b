#!/usr/bin/env python3
"""Damages the data folder of a killed crawl in many ways, and judges how each resume ends.

  damage.py GLEANER NEWSITE [--truncations 10] [--flips 20] [--seed 1] [--port 18880]

GLEANER and NEWSITE are binaries; NEWSITE is a news server of many hosts. Each file of the folder is
cut, grown, emptied, removed, or has a half file left beside it; the frontier is also cut and flipped
at random. Right is: no panic and no hang; whole WARC files and every article exported exactly once;
what is lost of an archive is said by its file's name; a database that can't be used is named, with
what to do next, and left as it is. Exit 0 when all hold.
"""
import glob, os, random, shutil, subprocess, sys, tempfile, time, zlib
from newsite import QUICK, Newsite, arguments, exported

# Small segments, so that there are closed ones as well as an open one.
os.environ["GLEANER_STORE_WARC_SEGMENT"] = "128KiB"
CRAWL = [option for option in QUICK if option != "-q"]


def cut(path):
    os.truncate(path, max(0, os.path.getsize(path) - 7))


def grow(path):
    with open(path, "ab") as f:
        f.write(bytes((i * 73 + 41) % 256 for i in range(64)))


def empty(path):
    os.truncate(path, 0)


def leave_half(path):
    with open(path + ".tmp", "wb") as f:
        f.write(b"\0half")


def remove(path):
    os.remove(path)


HARMS = {"cut by 7": cut, "grown by 64": grow, "emptied": empty, "with a .tmp beside": leave_half, "removed": remove}


def truncate(path, rnd):
    length = rnd.randrange(os.path.getsize(path))
    os.truncate(path, length)
    return f"cut to {length} bytes"


def flip(path, rnd):
    at, bit = rnd.randrange(os.path.getsize(path)), 1 << rnd.randrange(8)
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ bit]))
    return f"flipped at {at}"


def main():
    a = arguments(__doc__, truncations=10, flips=20, seed=1, port=18880)
    with Newsite(a.newsite, a.port, hosts=2, articles=60, latency_ms=3) as site, tempfile.TemporaryDirectory() as folder:
        whole = os.path.join(folder, "whole")
        seeds = site.seeds(folder)
        crawl_half(a, site, seeds, whole)
        trials = list(plan(a, whole))
        bad = sum(not trial(a, site, seeds, whole, os.path.join(folder, "data"), *harm) for harm in trials)
        print(f"{len(trials)} damaged data folders, {bad} that did not end as they should")
        return 1 if bad else 0


def crawl_half(a, site, seeds, data):
    crawl = subprocess.Popen([a.gleaner, "crawl", seeds, "--data", data] + QUICK)
    while site.total()["articles_ok"] < 60:
        time.sleep(0.01)
    crawl.kill()
    crawl.wait()
    os.remove(os.path.join(data, "control.sock"))  # what can't be copied


def plan(a, whole):
    """A file of the data folder, what is done to it, in words and as a function of its path."""
    rnd = random.Random(a.seed)
    files = [os.path.relpath(path, whole) for path in sorted(glob.glob(whole + "/**", recursive=True))
             if os.path.isfile(path)]
    frontier = [name for name in files if name.startswith("frontier/") and os.path.getsize(os.path.join(whole, name))]
    yield "frontier", "removed", lambda path: shutil.rmtree(path)
    for harm in [truncate] * a.truncations + [flip] * a.flips:
        yield rnd.choice(frontier), harm.__name__, lambda path, harm=harm: harm(path, rnd)
    for name in files:
        for what, harm in HARMS.items():
            yield name, what, lambda path, harm=harm: harm(path)


def trial(a, site, seeds, whole, data, name, what, harm):
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(whole, data)
    path = os.path.join(data, name)
    what = harm(path) or what
    hurt = open(path, "rb").read() if os.path.isfile(path) else None
    try:
        run = gleaner(a, data, "resume")
        if run.returncode == 2 and name == "articles.db-wal" and "articles.db knows nothing of" in run.stderr:
            run = gleaner(a, data, "crawl", seeds)  # the log was all that told of a crawl
        wrong = list(judge(a, site, data, name, what, run, hurt))
    except subprocess.TimeoutExpired:
        wrong = ["it hangs"]
    if wrong:
        print(f"{name} {what}: {'; '.join(wrong)}")
    return not wrong


def gleaner(a, data, *words):
    return subprocess.run([a.gleaner, *words, "--data", data] + CRAWL, capture_output=True, text=True, timeout=60)


def judge(a, site, data, name, what, run, hurt):
    if "panicked" in run.stderr:
        yield run.stderr
    path = os.path.join(data, name)
    if name == "articles.db" and run.returncode == 1:
        if what.startswith(("grown", "with")):
            yield "it stops: " + run.stderr
        if path not in run.stderr or "hint: " not in run.stderr:
            yield "it does not say which file, and what to do: " + run.stderr
        if hurt != (open(path, "rb").read() if os.path.isfile(path) else None):
            yield "the file is changed"
        return
    if run.returncode != 0:
        yield f"exit {run.returncode}: {run.stderr}"
        return
    records = exported(a.gleaner, data)
    if sorted(record["url"] for record in records) != site.articles():
        yield f"{len(records)} articles of {len(site.articles())}"
    lost = name.startswith("warc/") and what in ("cut by 7", "emptied", "removed")
    if lost and os.path.basename(name).removesuffix(".open") not in run.stderr:
        yield "what is lost is not said"
    starts = {os.path.basename(file): members(file) for file in glob.glob(data + "/warc/*.warc.gz")}
    yield from (f"{file} is torn" for file, found in starts.items() if found is None)
    gone = os.path.basename(name).removesuffix(".open") if what == "removed" else None
    for record in records:
        warc = record["warc"]
        if warc and warc["file"] != gone and warc["offset"] not in (starts.get(warc["file"]) or ()):
            yield f"no record at {warc}"


def members(path):
    """Where the gzip members of a file begin; `None` when one of them is torn."""
    with open(path, "rb") as f:
        rest = f.read()
    found, at = set(), 0
    while rest:
        member = zlib.decompressobj(31)
        try:
            member.decompress(rest)
        except zlib.error:
            return None
        if not member.eof:
            return None
        found.add(at)
        at += len(rest) - len(member.unused_data)
        rest = member.unused_data
    return found


if __name__ == "__main__":
    sys.exit(main())
