"""Posts the outcome of a build to a web API and reads the combined status back."""
import os

import requests

DESCRIPTIONS = {"success": "The build is green", "failure": "The build failed", "pending": "The build is under way"}


def main(args):
    backend = os.environ.get("BACKEND", "http://127.0.0.1:3280")
    repository, commit, state = args["repository"], args["commit"], args["state"]
    if state not in DESCRIPTIONS:
        return {"ok": False, "reason": f"no such state: {state}"}
    headers = {"Authorization": f"token {args.get('token', 'none')}", "Accept": "application/vnd.github+json"}
    body = {"state": state, "description": DESCRIPTIONS[state], "context": args.get("context", "ci")}
    posted = requests.post(f"{backend}/repos/{repository}/statuses/{commit}", json=body, headers=headers, timeout=10)
    if posted.status_code != 201:
        return {"ok": False, "reason": f"{posted.status_code} {posted.reason}"}
    combined = requests.get(
        f"{backend}/repos/{repository}/commits/{commit}/status", params={"per_page": 1}, headers=headers, timeout=10
    )
    return {"ok": True, "context": posted.json()["context"], "state": combined.json()["state"]}
