"""What `cpsctl mobile pair` draws is read by a reader of QR codes, in every form; the agent is a script."""

import http.server
import json
import os
import re
import socketserver
import struct
import subprocess
import threading
import zlib

import pytest
import zxingcpp

from tools import BIN_DIR

URI = "cps-agent://pair?issuer=https%3A%2F%2Fws-042.example&code=" + "A" * 22 + "&pin=" + "-_" * 21 + "B"


class Agent(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"id": "P1", "state": "expired", "code": None, "code_uri": URI}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Runs `cpsctl mobile pair` against the script."""
    path = tmp_path_factory.mktemp("agent") / "agent.sock"
    with Agent(str(path), Handler) as agent:
        thread = threading.Thread(target=agent.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()

        def run(*arguments):
            command = [BIN_DIR / "cpsctl", "--socket", path, "mobile", "pair", "--session", "S1", *arguments]
            return subprocess.run([str(part) for part in command], capture_output=True, timeout=30, env={**os.environ, "LC_ALL": "C.UTF-8"})

        yield run
        agent.shutdown()
        thread.join()


def decoded(pixels, width, height):
    """The text of a grey image."""
    image = memoryview(bytes(pixels)).cast("B", shape=[height, width])
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def enlarged(rows, scale=6):
    """Modules as grey pixels; True is white."""
    width, height = len(rows[0]) * scale, len(rows) * scale
    return [255 if rows[y // scale][x // scale] else 0 for y in range(height) for x in range(width)], width, height


def png_pixels(data):
    """Grey pixels of a PNG of one bit a pixel without filters, every checksum looked at."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        name, content = data[place + 4:place + 8], data[place + 8:place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length)[0] == zlib.crc32(name + content)
        chunks[name] = content
        place += length + 12
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert (depth, colour, list(chunks)) == (1, 0, [b"IHDR", b"IDAT", b"IEND"])
    lines = zlib.decompress(chunks[b"IDAT"])
    stride = 1 + (width + 7) // 8
    assert len(lines) == stride * height and not any(lines[row * stride] for row in range(height))
    pixels = [
        255 if lines[row * stride + 1 + column // 8] >> (7 - column % 8) & 1 else 0 for row in range(height) for column in range(width)
    ]
    return pixels, width, height


def test_image_is_read(pair, tmp_path):
    done = pair("--json", "--png", tmp_path / "code.png")
    assert json.loads(done.stdout)["code_uri"] == URI
    assert decoded(*png_pixels((tmp_path / "code.png").read_bytes())) == URI


def test_drawing_is_read(pair, tmp_path):
    pair("--json", "--svg", tmp_path / "code.svg")
    text = (tmp_path / "code.svg").read_text()
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', text)[1])
    rows = [[True] * side for _ in range(side)]
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", text):
        rows[int(row)][int(column)] = False
    assert decoded(*enlarged(rows)) == URI


@pytest.mark.parametrize("background", ["dark", "light"])
def test_terminal_is_read(pair, background):
    lines = pair("--background", background).stdout.decode().splitlines()
    ink = background == "dark"
    rows = []
    for line in lines:
        rows.append([(letter in "█▀") == ink for letter in line])
        rows.append([(letter in "█▄") == ink for letter in line])
    assert decoded(*enlarged(rows)) == URI
