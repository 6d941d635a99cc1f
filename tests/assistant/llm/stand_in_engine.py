"""A program that behaves as the engine does towards its owner: slow to import, with a child."""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        authorised = self.headers["Authorization"] == f"Bearer {os.environ['VLLM_API_KEY']}"
        status = 200 if self.path == "/health" or authorised else 401
        body = json.dumps({"data": [{"id": sys.argv[2]}]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    port = int(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    # Like the engine's core, the child does not notice its parent's death.
    subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    server.serve_forever()


if __name__ == "__main__":
    main()
