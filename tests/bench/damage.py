#!/usr/bin/env python3
"""Damages the frontier of an interrupted crawl in many ways, and judges that each resume ends the same.

  damage.py GLEANER NEWSITE [--truncations 10] [--flips 20] [--seed 1] [--port 18880]

GLEANER and NEWSITE are binaries; NEWSITE is a news server of many hosts. Right is: no panic, exit 0
and every article exported exactly once, whatever was done to the files. Exit 0 when all hold.
"""
import argparse, json, os, random, shutil, subprocess, sys, tempfile, urllib.request


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.read().decode()


def files_of(folder):
    return [os.path.join(top, name) for top, _, names in os.walk(folder) for name in names
            if os.path.getsize(os.path.join(top, name))]


def truncate(folder, rnd):
    path = rnd.choice(files_of(folder))
    length = rnd.randrange(os.path.getsize(path))
    os.truncate(path, length)
    return f"{os.path.basename(path)} cut to {length} bytes"


def flip(folder, rnd):
    path = rnd.choice(files_of(folder))
    at, bit = rnd.randrange(os.path.getsize(path)), 1 << rnd.randrange(8)
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ bit]))
    return f"{os.path.basename(path)} flipped at {at}"


def delete(folder, _rnd):
    shutil.rmtree(folder)
    return "the folder deleted"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("gleaner")
    ap.add_argument("newsite")
    ap.add_argument("--truncations", type=int, default=10)
    ap.add_argument("--flips", type=int, default=20)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--port", type=int, default=18880)
    a = ap.parse_args()
    site = subprocess.Popen([a.newsite, "--hosts", "2", "--articles-per-host", "60", "--port", str(a.port)],
                            stdout=subprocess.PIPE, text=True)
    try:
        site.stdout.readline()
        with tempfile.TemporaryDirectory() as folder:
            return judge(a, folder)
    finally:
        site.kill()


def judge(a, folder):
    rnd, bad = random.Random(a.seed), 0
    seeds, whole = os.path.join(folder, "seeds.txt"), os.path.join(folder, "whole")
    with open(seeds, "w") as f:
        f.write(get(a.port, "/_seeds"))
    wanted = sorted(get(a.port, "/_articles").split())
    quick = ["--allow-private", "--min-delay", "0s", "--delay-factor", "0", "-q"]
    subprocess.run([a.gleaner, "crawl", seeds, "--max-pages", "80", "--data", whole] + quick, check=True)
    for harm in [delete] + [truncate] * a.truncations + [flip] * a.flips:
        data = os.path.join(folder, "data")
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(whole, data)
        what = harm(os.path.join(data, "frontier"), rnd)
        run = subprocess.run([a.gleaner, "resume", "--data", data] + quick, capture_output=True, text=True, timeout=60)
        out = subprocess.run([a.gleaner, "export", "--data", data], capture_output=True, text=True).stdout
        got = sorted(json.loads(line)["url"] for line in out.splitlines())
        right = run.returncode == 0 and got == wanted and "panicked" not in run.stderr
        bad += not right
        if not right:
            print(f"{what}: exit {run.returncode}, {len(got)} articles of {len(wanted)}\n{run.stderr}")
    print(f"{1 + a.truncations + a.flips} damaged frontiers, {bad} that did not end as they should")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
