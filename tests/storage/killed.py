"""Programs that are killed at every point in turn, without a line about it in the product.

A point is a statement to the database or an operation on files, seen through SQLAlchemy's events and Python's audit
hooks. What happens between two points happens inside SQLite.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Imports once, then forks a child for each point: a child that starts anew would take half a second for its imports.
CODE = """
import itertools, os, shutil, signal, sys, threading, traceback
from pathlib import Path
from sqlalchemy import Engine, event
import alembic.command, alembic.config, alembic.script
import storage.backup, storage.retention, storage.sql, tests.storage.trades

OF_FILES = {
    "open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "sqlite3.connect", "sqlite3.connect/handle",
}
template, folder, program, imports, begin = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
exec(imports, {})

def run(place, last_point):
    points, counting, names = itertools.count(1), threading.Lock(), {"folder": place}
    exec(begin, names)

    def at_point(*_):
        with counting:
            if next(points) == last_point:
                os.kill(os.getpid(), signal.SIGKILL)

    def on_files(name, arguments):
        if name in OF_FILES and str(place) in str(arguments[0]):
            at_point()

    event.listen(Engine, "before_cursor_execute", at_point)
    event.listen(Engine, "commit", at_point)
    sys.addaudithook(on_files)
    exec(program, names)

for point in range(1, 400):
    place = folder / f"{point:03}"
    shutil.copytree(template, place)
    child = os.fork()
    if not child:
        try:
            run(place, point)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != -signal.SIGKILL:
        sys.exit(status)
"""


def killed_everywhere(program: str, template: Path, folder: Path, *, imports: str = "", begin: str = "") -> list[Path]:
    """Run a program on a copy of the folder `template` each, killed at its first, second, third... point.

    program: Python that finds its copy as `folder`.  imports: what is imported once for all of them.  begin: what runs
    before the first point; `program` finds its names.  Returns the copies, as the kills left them; the last run was not
    killed, because it had no more points.
    """
    ran = subprocess.run(
        [sys.executable, "-c", CODE, str(template), str(folder), program, imports, begin],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return sorted(folder.iterdir())
