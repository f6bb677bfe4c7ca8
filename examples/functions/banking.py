"""Moves money between two accounts: begins a transaction, reads both balances, commits; tries again on a conflict."""
import os

import requests


class Conflict(Exception):
    pass


def balance(session, backend, transaction, account):
    answer = session.get(f"{backend}/transactions/{transaction}/accounts/{account}", timeout=10)
    answer.raise_for_status()
    return answer.json()["balance"]


def transfer(session, backend, source, target, amount):
    transaction = session.post(f"{backend}/transactions", timeout=10).json()["transaction"]
    before = balance(session, backend, transaction, source)
    if before < amount:
        return {"ok": False, "reason": f"{source} has only {before}"}
    after = balance(session, backend, transaction, target) + amount
    balances = [[source, before - amount], [target, after]]
    answer = session.post(f"{backend}/commit", json={"transaction": transaction, "balances": balances}, timeout=10)
    if answer.status_code == 409:
        raise Conflict(answer.json()["message"])
    answer.raise_for_status()
    return {"ok": True, "state": answer.json()["state"], "amount": amount}


def main(args):
    backend = os.environ.get("BACKEND", "http://127.0.0.1:3280")
    with requests.Session() as session:
        for attempt in range(5):
            try:
                return transfer(session, backend, args["from"], args["to"], args["amount"])
            except Conflict as conflict:
                print(f"attempt {attempt + 1}: {conflict}")
        return {"ok": False, "reason": "too busy"}
