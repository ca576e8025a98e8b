#!/usr/bin/env python3
"""Kills a crawl with SIGKILL at random moments, resumes it each time, and judges the end.

  kills.py GLEANER NEWSITE [--kills 25] [--hosts 4] [--articles 500] [--latency-ms 20] [--seed 1] [--port 18890]

GLEANER and NEWSITE are binaries; NEWSITE is a news server of many hosts that counts what it is
asked for. Right is: every article exported exactly once, nothing forbidden, and not more pages
asked for twice than were in flight or waiting for their group (14 a kill). Exit 0 when all hold.
"""
import argparse, json, os, random, signal, subprocess, sys, tempfile, urllib.request


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.read().decode()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("gleaner")
    ap.add_argument("newsite")
    ap.add_argument("--kills", type=int, default=25)
    ap.add_argument("--hosts", type=int, default=4)
    ap.add_argument("--articles", type=int, default=500)
    ap.add_argument("--latency-ms", type=int, default=20)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--port", type=int, default=18890)
    a = ap.parse_args()
    site = subprocess.Popen(
        [a.newsite, "--hosts", str(a.hosts), "--articles-per-host", str(a.articles),
         "--latency-ms", str(a.latency_ms), "--port", str(a.port)],
        stdout=subprocess.PIPE, text=True)
    try:
        site.stdout.readline()
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "data")
            kills, code = crawl_and_kill(a, folder, data)
            return judge(a, data, kills, code)
    finally:
        site.kill()


def crawl_and_kill(a, folder, data):
    seeds = os.path.join(folder, "seeds.txt")
    with open(seeds, "w") as f:
        f.write(get(a.port, "/_seeds"))
    polite = ["--data", data, "--allow-private", "--min-delay", "0s", "--delay-factor", "0", "-q"]
    rnd = random.Random(a.seed)
    # The whole crawl takes about this long; the kills are spread over it.
    whole = (a.articles * 1.2 + 40) * (a.latency_ms + 3) / 1000
    kills, begun = 0, False
    while True:
        command = [a.gleaner, "resume"] if begun else [a.gleaner, "crawl", seeds]
        crawl = subprocess.Popen(command + polite)
        try:
            code = crawl.wait(rnd.uniform(0.1, 1.6 * whole / a.kills) if kills < a.kills else None)
        except subprocess.TimeoutExpired:
            crawl.send_signal(signal.SIGKILL)
            crawl.wait()
            kills, begun = kills + 1, True
            continue
        if code == 2 and begun:
            begun = False  # killed before its first commit: nothing to resume yet
            continue
        return kills, code


def judge(a, data, kills, code):
    export = [a.gleaner, "export", "--data", data, "--format", "jsonl"]
    lines = subprocess.run(export, capture_output=True, check=True).stdout.splitlines()
    exported = [json.loads(line)["url"] for line in lines]
    wanted = set(get(a.port, "/_articles").split())
    total = json.loads(get(a.port, "/_stats"))["total"]
    limit = 14 * kills
    checks = {
        f"the last run ended with {code}": code == 0,
        f"only {kills} kills before the end": kills == a.kills,
        f"{len(exported) - len(set(exported))} exported twice": len(exported) == len(set(exported)),
        f"{len(wanted - set(exported))} missing": not wanted - set(exported),
        f"{len(set(exported) - wanted)} exported that are no articles": not set(exported) - wanted,
        f"{total['duplicates']} asked for twice": total["duplicates"] <= limit,
        f"{total['max_in_flight_any_host']} in flight on one host": total["max_in_flight_any_host"] <= 1,
    }
    for key in ("disallowed", "disallowed_wildcard", "before_robots"):
        checks[f"{key}: {total[key]}"] = total[key] == 0
    bad = [what for what, holds in checks.items() if not holds]
    print(f"{kills} kills, {len(exported)} articles of {len(wanted)}, {total['duplicates']} pages asked for twice"
          f" (limit {limit}), {total['requests']} requests: {'; '.join(bad) or 'ok'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
