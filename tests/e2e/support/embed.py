"""Programs that embed weir, built as their authors would: against an installed
weir, by what pkg-config says.
"""
import functools
import os
import pathlib
import subprocess
import tempfile

from support import server

CFLAGS = ["-std=c17", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"]


def _run(command, **kw):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8",
                          timeout=300, **kw)
    assert done.returncode == 0, "%s\n%s" % (command, done.stdout)
    return done.stdout


@functools.lru_cache(maxsize=None)
def _installed():
    """-> a temporary folder, kept for the session, and its prefix in it"""
    build = server.binary().parents[2]
    folder = tempfile.TemporaryDirectory(prefix="weir-installed")
    _run(["meson", "install", "-C", str(build), "--no-rebuild", "--quiet",
          "--destdir", folder.name])
    pc = next(pathlib.Path(folder.name).rglob("weir.pc"))
    text = pc.read_text("utf-8")
    prefix = text.split("prefix=", 1)[1].splitlines()[0]
    pc.write_text(text.replace("prefix=" + prefix, "prefix=" + folder.name
                               + prefix, 1), encoding="utf-8")
    return folder, pc


def headers():
    """-> the folder of the installed headers"""
    folder, _ = _installed()
    return next(pathlib.Path(folder.name).rglob("weir/weir.h")).parent


@functools.lru_cache(maxsize=None)
def _flags():
    """-> what pkg-config says; with the sanitizers of the build, if any"""
    _, pc = _installed()
    said = _run(["pkg-config", "--cflags", "--libs", "weir"],
                env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)})
    archive = next(pathlib.Path(f[2:]) / "libweir.a" for f in said.split()
                   if f.startswith("-L"))
    symbols = _run(["nm", "-u", str(archive)])
    flags = said.split()
    if "__asan_init" in symbols:
        flags.append("-fsanitize=address,undefined")
    return flags


def compile_program(source, folder):
    """Compiles the text of a C program. -> path of the program"""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.c").write_text(source, encoding="utf-8")
    _run(["cc", *CFLAGS, "program.c", "-o", "program", *_flags()],
         cwd=folder)
    return folder / "program"
