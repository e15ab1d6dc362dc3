"""Answers as Keystone does for one service and one caller, whose token is always good."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOMAIN = {"id": "default", "name": "Default"}
TOKEN = {
    "expires_at": "2099-01-01T00:00:00.000000Z",
    "issued_at": "2026-01-01T00:00:00.000000Z",
    "methods": ["password"],
    "user": {"id": "0c1f6fd1a8f24f4aa4ae7e1c7b0f5d22", "name": "ann", "domain": DOMAIN},
    "project": {"id": "9f1c6fd1a8f24f4aa4ae7e1c7b0f5d11", "name": "lab", "domain": DOMAIN},
    "roles": [{"id": str(place), "name": name} for place, name in enumerate(["member", "reader", "role1"])],
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"token": TOKEN}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Subject-Token", self.headers.get("X-Subject-Token", "of-the-service"))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200)

    def do_POST(self):
        self.reply(201)

    def log_message(self, *_):
        pass


host, port = sys.argv[1].split(":")
ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
