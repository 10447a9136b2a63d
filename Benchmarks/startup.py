#!/usr/bin/env python3
"""Starts a broker and prints the seconds to its first good Metadata answer.

    startup.py HOST PORT COMMAND...

The port is asked every 2 ms. The broker is stopped again with SIGTERM.
"""

import json
import socket
import struct
import subprocess
import sys
import time


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


def broker_count(host, port):
    """How many brokers Metadata 1 names."""
    client = b"startup"
    request = struct.pack(">hhih", 3, 1, 7, len(client)) + client + struct.pack(">i", -1)
    with socket.create_connection((host, port), 1) as connection:
        connection.settimeout(2)
        connection.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", receive(connection, 4))
        return struct.unpack_from(">i", receive(connection, size), 4)[0]


def main():
    host, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    begin = time.monotonic()
    broker = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.monotonic() - begin < 120:
            try:
                if broker_count(host, port) >= 1:
                    print(json.dumps({"first_metadata_s": round(time.monotonic() - begin, 4)}))
                    return 0
            except OSError:
                pass
            if broker.poll() is not None:
                print(f"the broker ended with status {broker.returncode}", file=sys.stderr)
                return 1
            time.sleep(0.002)
        print("no answer in 120 s", file=sys.stderr)
        return 1
    finally:
        broker.terminate()
        broker.wait()


if __name__ == "__main__":
    sys.exit(main())
