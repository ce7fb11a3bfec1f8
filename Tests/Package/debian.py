"""A fresh Debian in a folder, and packages in it."""

import pathlib
import re
import subprocess

from tools import wait_until


class Debian:
    """Commands run inside it by chroot; nothing of this machine but the kernel is seen from there."""

    def __init__(self, folder, tar):
        self.folder = folder
        folder.mkdir()
        subprocess.run(["tar", "-C", str(folder), "--zstd", "-xf", str(tar)], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
        self.agent = None

    def path(self, name):
        return self.folder / name.lstrip("/")

    def command(self, *arguments):
        return ["chroot", str(self.folder), "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                "DEBIAN_FRONTEND=noninteractive", *map(str, arguments)]

    def run(self, *arguments, status=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=120)
        said = done.stdout + done.stderr
        assert done.returncode == status, f"{arguments} ended with {done.returncode}: {said}"
        return said

    def install(self, package):
        target = self.path("/tmp/package.deb")
        target.write_bytes(pathlib.Path(package).read_bytes())
        return self.run("dpkg", "-i", "/tmp/package.deb")

    def units_on(self):
        return {each.name for each in self.path("/etc/systemd/system").glob("*.wants/cps-agent.*")}

    def files(self, package):
        return [self.path(each) for each in self.run("dpkg", "-L", package).splitlines()]

    def start_agent(self):
        """As systemd would: the socket made by root for its group, the service under its own user."""
        self.path("/run/cps-agent").mkdir(mode=0o755, exist_ok=True)
        log = self.path("/tmp/agent.log")
        with log.open("w") as out:
            self.agent = subprocess.Popen(
                self.command(
                    "systemd-socket-activate", "--listen=/run/cps-agent/agent.sock", "setpriv", "--reuid=cps-agent",
                    "--regid=cps-agent", "--init-groups", "/usr/sbin/cps-agentd", "--config", "/etc/cps-agent/agent.yaml"),
                stdout=out, stderr=out)
        socket = self.path("/run/cps-agent/agent.sock")

        def listens():
            assert self.agent.poll() is None, log.read_text()
            return socket.exists()

        wait_until(listens, "the socket of the agent is there", 20)
        self.run("chgrp", "cps-users", "/run/cps-agent/agent.sock")
        socket.chmod(0o660)

    def stop_agent(self):
        self.agent.terminate()
        status = self.agent.wait(20)
        self.path("/run/cps-agent/agent.sock").unlink(missing_ok=True)
        return status, self.path("/tmp/agent.log").read_text()


def with_version(package, version, folder):
    """The same package as another version of itself."""
    tree = folder / f"tree-{version}"
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.M))
    built = folder / f"{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(built)], check=True, capture_output=True)
    return built
