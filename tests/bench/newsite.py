"""What kills.py and damage.py share: a news server of many hosts, and gleaner run against it."""
import argparse, json, os, subprocess, urllib.request

# Loopback may be asked, no gaps are kept, and nothing but errors is said.
QUICK = ["--allow-private", "--min-delay", "0s", "--delay-factor", "0", "-q"]


def arguments(doc, **defaults):
    """The two binaries, then `--name N` for each of `defaults`."""
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("gleaner")
    ap.add_argument("newsite")
    for name, default in defaults.items():
        ap.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    return ap.parse_args()


class Newsite:
    """A server that counts what it is asked for; it ends with the `with` block."""

    def __init__(self, binary, port, hosts, articles, latency_ms=0):
        self.port = port
        self.server = subprocess.Popen(
            [binary, "--hosts", str(hosts), "--articles-per-host", str(articles),
             "--latency-ms", str(latency_ms), "--port", str(port)], stdout=subprocess.PIPE, text=True)
        if not self.server.stdout.readline():
            raise SystemExit(f"newsite does not start on port {port}: is it free?")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.read().decode()

    def seeds(self, folder):
        """A seed file in `folder`."""
        path = os.path.join(folder, "seeds.txt")
        with open(path, "w") as f:
            f.write(self.get("/_seeds"))
        return path

    def articles(self):
        """Every article's URL, sorted."""
        return sorted(self.get("/_articles").split())

    def total(self):
        """What was asked for since the start, or the last `forget`."""
        return json.loads(self.get("/_stats"))["total"]

    def forget(self):
        self.get("/_reset")


def exported(gleaner, data):
    """The records of a data folder."""
    out = subprocess.run([gleaner, "export", "--data", data], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]
