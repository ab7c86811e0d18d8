"""The client for large objects: a process that moves a list of objects over a few connections and says how long it was.

It is kept cheap so that the servers are measured and not it: uploads go from the page cache to the socket by sendfile,
downloads into one buffer for each connection. Run as `python -m s3.transfer JOB.json`; prints one JSON object.
"""

import hashlib
import json
import socket
import sys
import threading
import time

BUFFER_BYTES = 1 << 20
HEAD_BYTES_MAX = 64 << 10
TIMEOUT_SECONDS = 300


def read_head(connection: socket.socket) -> tuple[int, int, bytes]:
    """Status, Content-Length, and what of the body came with the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(HEAD_BYTES_MAX)
        if not piece or len(data) > HEAD_BYTES_MAX:
            raise ConnectionError(f"no answer, but {data[:200]!r}")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = int(lines[0].split()[1])
    lengths = [line.partition(b":")[2] for line in lines[1:] if line.lower().startswith(b"content-length:")]
    if not lengths:
        raise ConnectionError(f"an answer of status {status} without Content-Length")
    return status, int(lengths[0]), rest


def read_body(connection: socket.socket, length: int, rest: bytes, buffer: memoryview, digest=None) -> None:
    """Reads exactly the body."""
    if digest:
        digest.update(rest)
    left = length - len(rest)
    while left > 0:
        got = connection.recv_into(buffer, min(left, len(buffer)), socket.MSG_WAITALL)
        if got == 0:
            raise ConnectionError(f"the body ended {left} bytes early")
        if digest:
            digest.update(buffer[:got])
        left -= got


def put(connection: socket.socket, host: str, target: str, file, size: int, buffer: memoryview) -> None:
    head = f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n"
    connection.sendall(head.encode())
    file.seek(0)
    sent = connection.sendfile(file, 0, size)
    if sent != size:
        raise ConnectionError(f"{sent} of {size} bytes sent")
    status, length, rest = read_head(connection)
    read_body(connection, length, rest, buffer)
    if status != 200:
        raise ConnectionError(f"PUT answered {status}: {rest[:300]!r}")


def get(connection: socket.socket, host: str, target: str, size: int, buffer: memoryview, expected: str | None) -> None:
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    status, length, rest = read_head(connection)
    if status != 200 or length != size:
        raise ConnectionError(f"GET answered {status} with {length} bytes: {rest[:300]!r}")
    digest = hashlib.sha256() if expected else None
    read_body(connection, length, rest, buffer, digest)
    if digest and digest.hexdigest() != expected:
        raise ConnectionError("GET answered other bytes than were put")


def main() -> None:
    with open(sys.argv[1]) as job_file:
        job = json.load(job_file)
    host, size, targets = job["host"], job["size"], job["targets"]
    address, port = host.split(":")
    failures: list[str] = []
    barrier = threading.Barrier(job["connections"] + 1)

    def work(own: list[str]) -> None:
        connection = socket.create_connection((address, int(port)), timeout=TIMEOUT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = memoryview(bytearray(BUFFER_BYTES))
        file = open(job["file"], "rb") if job["method"] == "PUT" else None
        barrier.wait()
        try:
            for target in own:
                if file:
                    put(connection, host, target, file, size, buffer)
                else:
                    get(connection, host, target, size, buffer, job["sha256"])
        except (OSError, ValueError) as error:
            failures.append(str(error))
        finally:
            connection.close()
            if file:
                file.close()

    threads = [
        threading.Thread(target=work, args=(targets[number::job["connections"]],))
        for number in range(job["connections"])]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    print(json.dumps({
        "seconds": time.perf_counter() - begun, "client_cpu": time.process_time() - cpu, "failures": failures}))


if __name__ == "__main__":
    main()
