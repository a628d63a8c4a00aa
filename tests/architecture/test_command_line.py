"""The command line works before anything is installed."""

import ast
import sys

from . import sources


def foreign_imports(source: sources.Source) -> list[str]:
    names = []
    for node in source.nodes(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom):
            names += [] if node.level else [node.module]
        else:
            names += [alias.name for alias in node.names]
    own = {"tools", "pilot", *sys.stdlib_module_names}
    return [f"{source.path}: {name}" for name in names if name.split(".")[0] not in own]


def test_the_command_line_imports_only_the_standard_library():
    # odoo_main.py is Odoo's process, not ours; recipes run in its shell.
    code = [
        source
        for source in sources.python()
        if source.path == "fusion"
        or source.path.startswith("tools/")
        and not source.path.endswith("/odoo_main.py")
        and "/recipes/" not in source.path
    ]

    assert len(code) > 20
    sources.assert_holds(foreign_imports, code)


def test_a_foreign_import_is_seen():
    source = sources.planted("import os\nimport requests\nfrom . import x\n", "tools/planted.py")

    assert foreign_imports(source) == ["tools/planted.py: requests"]
