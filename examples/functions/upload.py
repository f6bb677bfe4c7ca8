"""Puts a document into an object store and looks it up again."""
import base64
import hashlib
import os

import requests


def main(args):
    backend = os.environ.get("BACKEND", "http://127.0.0.1:3280")
    content = base64.b64decode(args["content"])
    name = hashlib.sha256(content).hexdigest()[:16]
    headers = {"Content-Type": args.get("type", "application/octet-stream"), "X-Size": str(len(content))}
    stored = requests.put(f"{backend}/objects/{name}", data=content, headers=headers, timeout=10)
    stored.raise_for_status()
    kept = requests.get(f"{backend}/objects/{name}", timeout=10)
    return {"name": name, "size": stored.json()["size"], "intact": kept.content == content, "etag": stored.json()["etag"]}
