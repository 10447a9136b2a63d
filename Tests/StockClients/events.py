"""The real events: every flight that left New York City's airports in 2013."""

import collections
import functools
import pathlib
import re
import subprocess

DATA = pathlib.Path(__file__).resolve().parent.parent / "Data"
_TAIL = re.compile(rb'"tailnum":"([^"]*)"')


@functools.cache
def flights() -> list[tuple[bytes, bytes]]:
    """All 336,776 events in order, each with its aircraft's tail number as key."""
    archive = DATA / "flights.jsonl.zst"
    text = subprocess.run(["zstd", "-dcq", archive], stdout=subprocess.PIPE, check=True).stdout
    return [(_TAIL.search(line).group(1), line) for line in text.splitlines()]


def by_key(records) -> dict[bytes, list[bytes]]:
    """The values of each key in their order."""
    groups = collections.defaultdict(list)
    for key, value in records:
        groups[key].append(value)
    return groups
