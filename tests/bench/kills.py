#!/usr/bin/env python3
"""Kills a crawl with SIGKILL at random moments, resumes it each time, and judges the end.

  kills.py GLEANER NEWSITE [--kills 25] [--hosts 4] [--articles 500] [--latency-ms 20] [--seed 1] [--port 18890]

GLEANER and NEWSITE are binaries; NEWSITE is a news server of many hosts that counts what it is
asked for. Right is: every article exported exactly once, nothing forbidden, and not more pages
asked for twice than were in flight or waiting for their group (14 a kill). Exit 0 when all hold.
"""
import os, random, subprocess, sys, tempfile
from newsite import QUICK, Newsite, arguments, exported


def main():
    a = arguments(__doc__, kills=25, hosts=4, articles=500, latency_ms=20, seed=1, port=18890)
    with Newsite(a.newsite, a.port, a.hosts, a.articles, a.latency_ms) as site, tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        kills, code = crawl_and_kill(a, site.seeds(folder), data)
        return judge(a, site, data, kills, code)


def crawl_and_kill(a, seeds, data):
    rnd = random.Random(a.seed)
    # The whole crawl takes about this long; the kills are spread over it.
    whole = (a.articles * 1.2 + 40) * (a.latency_ms + 3) / 1000
    kills, begun = 0, False
    while True:
        command = [a.gleaner, "resume"] if begun else [a.gleaner, "crawl", seeds]
        crawl = subprocess.Popen(command + ["--data", data] + QUICK)
        try:
            code = crawl.wait(rnd.uniform(0.1, 1.6 * whole / a.kills) if kills < a.kills else None)
        except subprocess.TimeoutExpired:
            crawl.kill()
            crawl.wait()
            kills, begun = kills + 1, True
            continue
        if code == 2 and begun:
            begun = False  # killed before a crawl was begun: nothing to go on with
            continue
        return kills, code


def judge(a, site, data, kills, code):
    got = [record["url"] for record in exported(a.gleaner, data)]
    wanted, once, total = set(site.articles()), set(got), site.total()
    limit = 14 * kills
    checks = {
        f"the last run ended with {code}": code == 0,
        f"only {kills} kills before the end": kills == a.kills,
        f"{len(got) - len(once)} exported twice": len(got) == len(once),
        f"{len(wanted - once)} missing": not wanted - once,
        f"{len(once - wanted)} exported that are no articles": not once - wanted,
        f"{total['duplicates']} asked for twice": total["duplicates"] <= limit,
        f"{total['max_in_flight_any_host']} in flight on one host": total["max_in_flight_any_host"] <= 1,
    }
    for key in ("disallowed", "disallowed_wildcard", "before_robots"):
        checks[f"{key}: {total[key]}"] = total[key] == 0
    bad = [what for what, holds in checks.items() if not holds]
    print(f"{kills} kills, {len(got)} articles of {len(wanted)}, {total['duplicates']} pages asked for twice"
          f" (limit {limit}), {total['requests']} requests: {'; '.join(bad) or 'ok'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
