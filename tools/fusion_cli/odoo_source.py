"""Find or fetch Odoo 19. What is fetched is completed once and then never edited."""

import ast
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import console, debian, locks, paths, python_env
from .errors import NotPrepared

WANTED = (19, 0)
# Debian replaces files that Odoo bundles by relative links into these packages.
PACKAGES = [
    "odoo-19",
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
]
# Packages have moved files since Odoo's links were made: where the link points, where it is.
_MOVED = {
    "truetype/inconsolata/Inconsolata.otf": "opentype/inconsolata/Inconsolata-Regular.otf",
}
# No package has it, and only one optional e-mail font misses it.
_MAY_DANGLE = "Montserrat"


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19: the folder that goes on ``sys.path`` and a word that identifies its content."""

    path: Path
    identity: str


def ensure(python: Path) -> Odoo:
    """Return the Odoo of ``$FUSION_ODOO``, or the one fetched from the machine's mirror."""
    chosen = os.environ.get("FUSION_ODOO")
    if chosen:
        return _given(Path(chosen).expanduser().absolute())
    at = paths.current()
    ready = at.odoo / "manifest.json"
    if not ready.exists():
        with locks.exclusive(at.odoo / "odoo.lock", "fetching Odoo"):
            if not ready.exists():
                _fetch(at.odoo, python)
    path = _importable(at.odoo / "prefix")
    check_version(path / "odoo" / "release.py")
    return Odoo(path, hashlib.sha256(ready.read_bytes()).hexdigest()[:12])


def check_version(release: Path) -> None:
    """Refuse every Odoo but 19.0."""
    found = re.search(r"^version_info\s*=\s*\(([^,]+),([^,]+),", release.read_text(), re.MULTILINE)
    version = tuple(ast.literal_eval(part.strip()) for part in found.groups()) if found else ()
    if version != WANTED:
        shown = ".".join(map(str, version)) or "of an unknown version"
        raise NotPrepared(
            f"The Odoo in {release.parent.parent} is {shown}; the addon needs 19.0.",
            "Set FUSION_ODOO to an Odoo 19.0 checkout or installation, or unset it to have one "
            "fetched.",
        )


def _given(root: Path) -> Odoo:
    path = _importable(root)
    release = path / "odoo" / "release.py"
    check_version(release)
    described = f"{path}\n{release.read_text()}\n{_git_head(path)}"
    return Odoo(path, hashlib.sha256(described.encode()).hexdigest()[:12])


def _importable(root: Path) -> Path:
    """Return the folder whose ``odoo/release.py`` belongs to ``root``."""
    if root.is_file():
        root = root.parent  # .../odoo-bin
    candidates = [
        root,
        *(root / "usr/lib").glob("python3*/dist-packages"),
        *(root / "lib").glob("python3*/*-packages"),
        root.parent,
    ]
    for candidate in candidates:
        if (candidate / "odoo" / "release.py").is_file():
            return candidate
    raise NotPrepared(
        f"There is no Odoo in {root}.",
        "FUSION_ODOO must be a checkout (with odoo-bin), an installation prefix, or the folder "
        "in which the package odoo lies.",
    )


def _git_head(path: Path) -> str:
    """Return the commit of a checkout, so that a pull makes new template databases."""
    head = path / ".git" / "HEAD"
    if not head.is_file():
        return ""
    content = head.read_text().strip()
    ref = path / ".git" / content.removeprefix("ref: ")
    return ref.read_text().strip() if ref.is_file() else content


def _fetch(folder: Path, python: Path) -> None:
    files = debian.fetch(PACKAGES, paths.current().downloads / "debian")
    partial, prefix = folder / "partial", folder / "prefix"
    for leftover in (partial, prefix):
        shutil.rmtree(leftover, ignore_errors=True)
    with console.step("Unpacking Odoo"):
        for file in files:
            debian.unpack(file, partial)
        _complete(partial, python_env.site_packages(python))
    check_version(_importable(partial) / "odoo" / "release.py")
    partial.rename(prefix)
    manifest = {file.package: {"file": file.file.name, "sha256": file.sha256} for file in files}
    written = folder / "manifest.tmp"
    written.write_text(json.dumps(manifest, indent=1))
    written.rename(folder / "manifest.json")


def _complete(prefix: Path, site: Path) -> None:
    """Put in what Debian's package links to or leaves out; without it pages answer HTTP 500."""
    fonts = site / "xstatic/pkg/font_awesome/data/fonts"
    shutil.copytree(fonts, prefix / "usr/share/fonts-font-awesome/fonts", dirs_exist_ok=True)
    odoo = _importable(prefix) / "odoo"
    removed = odoo / "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    removed.parent.mkdir(parents=True, exist_ok=True)
    removed.write_text("// Left out by the distribution: it blurs a camera's background.\n")
    for old, new in _MOVED.items():
        share = prefix / "usr/share/fonts"
        if (share / new).exists() and not (share / old).exists():
            (share / old).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(share / new, share / old)
    dangling = [
        path
        for path in odoo.rglob("*")
        if path.is_symlink() and not path.exists() and _MAY_DANGLE not in path.name
    ]
    if dangling:
        console.note(f"{len(dangling)} links in Odoo lead nowhere, such as {dangling[0]}.")
        console.note("Pages that use them may look wrong; the distribution has moved a file.")
