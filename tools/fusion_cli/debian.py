"""Fetch packages from the Debian mirror this machine already uses, without touching the system.

apt-get runs on its own sources list, state and cache. It verifies the signature of the index
with Debian's keyring and each file against the index; we hash each file again and keep a manifest.
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import console, paths, processes
from .errors import NotPrepared

SUITE = "sid"
OTHER_WAY = "Set FUSION_ODOO to an Odoo 19 checkout or installation instead."
_KEYRING_FOLDERS = ("/usr/share/keyrings", "/etc/apt/trusted.gpg.d")


@dataclass(frozen=True)
class Download:
    """One verified file."""

    package: str
    file: Path
    sha256: str


def fetch(packages: list[str], folder: Path) -> list[Download]:
    """Return the packages' files in ``folder``, downloading what is not there and intact."""
    manifest = folder / "manifest.json"
    if manifest.exists():
        known = json.loads(manifest.read_text())
        have = [
            Download(name, folder / known[name]["file"], known[name]["sha256"])
            for name in packages
            if name in known
        ]
        if len(have) == len(packages) and all(_intact(item) for item in have):
            return have
    folder.mkdir(parents=True, exist_ok=True)
    env = _private_apt(paths.current().downloads / "apt")
    with console.step("Reading the index of Debian's mirror"):
        _apt(["update"], env)
    offered = _offered(packages, env)
    size = sum(bytes_ for _, _, bytes_ in offered.values()) / 1e6
    with console.step(f"Downloading Odoo 19 and what it links to ({size:.0f} MB, once)"):
        _apt(["download", *packages], env, cwd=folder)
    result = [Download(name, folder / file, sha) for name, (file, sha, _) in offered.items()]
    for item in result:
        if not _intact(item):
            raise NotPrepared(f"{item.file.name} does not have the SHA256 that the index names.")
    manifest.write_text(
        json.dumps(
            {item.package: {"file": item.file.name, "sha256": item.sha256} for item in result},
            indent=1,
        )
    )
    return result


def unpack(download: Download, prefix: Path) -> None:
    """Unpack one package's files under ``prefix``."""
    processes.capture([_tool("dpkg-deb"), "-x", download.file, prefix])


def mirror() -> str:
    """Return the URI of the Debian mirror that apt is set up with."""
    listing = processes.capture(
        [
            _tool("apt-get"),
            "indextargets",
            "--format",
            "$(ORIGIN)|$(REPO_URI)",
            "Created-By: Packages",
        ]
    )
    rows = [line.split("|", 1) for line in listing.splitlines() if "|" in line]
    found = [uri for origin, uri in rows if origin == "Debian" and "security" not in uri]
    # Before the first `apt-get update` apt does not know origins, only addresses.
    found += [uri for _, uri in rows if uri.rstrip("/").endswith("/debian")]
    if not found:
        raise NotPrepared("apt on this machine is not set up with a Debian mirror.", OTHER_WAY)
    return found[0]


def _private_apt(root: Path) -> dict[str, str]:
    """Return an environment in which apt reads and writes only ``root``, but keeps the
    machine's own rules for the network (proxy, certificates, age of an index)."""
    for folder in ("lists/partial", "cache/archives/partial", "log"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "sources.list").write_text(f"deb [signed-by={_keyring()}] {mirror()} {SUITE} main\n")
    machine = processes.capture([_tool("apt-config"), "dump"]).splitlines()
    own = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::sourcelist": f"{root}/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": f"{root}/lists",
        "Dir::Cache": f"{root}/cache",
        "Dir::Log": f"{root}/log",
        "Acquire::Languages": "none",
        # As root apt would change to user _apt, who cannot see our folder.
        "APT::Sandbox::User": "root",
    }
    kept = [
        line
        for line in machine
        if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
    ]
    lines = [*kept, *(f'{key} "{value}";' for key, value in own.items())]
    (root / "apt.conf").write_text("\n".join(lines) + "\n")
    return {**os.environ, "APT_CONFIG": str(root / "apt.conf"), "LC_ALL": "C"}


def _apt(arguments: list[str], env: dict[str, str], cwd: Path | None = None) -> str:
    done = subprocess.run(
        ["apt-get", "-q", *arguments], env=env, cwd=cwd, capture_output=True, text=True
    )
    # `update` ends with 0 although a mirror did not answer; its errors start with E: or W:.
    problems = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W: Fail"))]
    if done.returncode or problems:
        raise NotPrepared(
            f"apt-get {arguments[0]} failed: {processes.tail(done.stderr, 4)}",
            f"Check the network, or: {OTHER_WAY}",
        )
    return done.stdout


def _offered(packages: list[str], env: dict[str, str]) -> dict[str, tuple[str, str, int]]:
    """Return ``{package: (file name, sha256, bytes)}`` as the signed index has it."""
    result = {}
    for line in _apt(["--print-uris", "download", *packages], env).splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[3].startswith("SHA256:"):
            result[parts[1].split("_")[0]] = (parts[1], parts[3][7:], int(parts[2]))
    missing = set(packages) - set(result)
    if missing:
        raise NotPrepared(f"The mirror has no {', '.join(sorted(missing))}.", OTHER_WAY)
    return {name: result[name] for name in packages}


def _keyring() -> str:
    """Return Debian's archive keys in the form that `signed-by` takes."""
    for folder in map(Path, _KEYRING_FOLDERS):
        for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp"):
            if (folder / name).exists():
                return str(folder / name)
    keys = sorted(Path(_KEYRING_FOLDERS[1]).glob("debian-archive-*"))
    if not keys:
        raise NotPrepared(
            "Debian's archive keys are not on this machine.",
            f"Install the package debian-archive-keyring. {OTHER_WAY}",
        )
    return ",".join(map(str, keys))


@functools.cache
def _tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise NotPrepared(
            f"There is no {name} on this machine, so Odoo cannot be fetched.", OTHER_WAY
        )
    return found


def _intact(item: Download) -> bool:
    try:
        with item.file.open("rb") as content:
            digest = hashlib.sha256()
            while block := content.read(1 << 20):
                digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == item.sha256
