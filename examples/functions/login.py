"""Checks a user's password with a login service, as the backend of a sign-in page does."""
import hashlib
import os

import requests


def main(args):
    backend = os.environ.get("BACKEND", "http://127.0.0.1:3280")
    username = args["username"]
    password = hashlib.sha256(args["password"].encode()).hexdigest()
    answer = requests.post(f"{backend}/login", json={"username": username, "password": password}, timeout=10)
    if answer.status_code != 200:
        print(f"refused: {username}")
        return {"ok": False, "reason": answer.json()["message"]}
    token = answer.json()["token"]
    return {"ok": True, "user": username, "session": hashlib.sha256(f"{username}:{token}".encode()).hexdigest()[:32]}
