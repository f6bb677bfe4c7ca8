//! What the backing server answers: requests in, answers out, no network.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::store::{Store, StoreError, sha256};

/// Status and body of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

#[derive(Deserialize)]
struct Login {
    username: String,
    /// SHA-256 in hexadecimal.
    password: String,
}

#[derive(Deserialize)]
struct Commit {
    transaction: i64,
    balances: Vec<(String, i64)>,
}

fn json(status: u16, value: Value) -> Answer {
    Answer { status, body: Body::Json(value) }
}

/// The answer to one request.
pub(crate) fn answer(store: &Store, method: &str, path: &str, query: &str, body: &[u8]) -> Answer {
    let done = route(store, method, path, query, body);
    done.unwrap_or_else(|error| match error {
        Failure::Store(StoreError::Missing) => json(404, json!({"message": "Not Found"})),
        Failure::Store(StoreError::Conflict) => json(409, json!({"message": "somebody else came first"})),
        Failure::Store(StoreError::Database(error)) => json(500, json!({"message": error.to_string()})),
        Failure::Body(error) => json(400, json!({"message": error.to_string()})),
    })
}

enum Failure {
    Store(StoreError),
    Body(serde_json::Error),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Body(error)
    }
}

fn route(store: &Store, method: &str, path: &str, query: &str, body: &[u8]) -> Result<Answer, Failure> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Ok(match (method, parts.as_slice()) {
        ("POST", ["login"]) => {
            let Login { username, password } = serde_json::from_slice(body)?;
            match store.checks(&username, &password)? {
                true => json(200, json!({"user": username, "token": sha256(username.as_bytes())})),
                false => json(401, json!({"message": "Bad credentials"})),
            }
        }
        ("POST", ["transactions"]) => json(201, json!({"transaction": store.begin()?})),
        ("GET", ["transactions", id, "accounts", account]) => {
            let id = id.parse().map_err(|_| StoreError::Missing)?;
            json(200, json!({"account": account, "balance": store.balance(id, account)?}))
        }
        ("POST", ["commit"]) => {
            let Commit { transaction, balances } = serde_json::from_slice(body)?;
            store.commit(transaction, &balances)?;
            json(200, json!({"transaction": transaction, "state": "committed"}))
        }
        ("GET", ["total"]) => json(200, json!({"total": store.total()?})),
        ("PUT", ["objects", name]) => {
            store.put(name, body)?;
            json(201, json!({"name": name, "size": body.len(), "etag": sha256(body)}))
        }
        ("GET", ["objects", name]) => Answer { status: 200, body: Body::Bytes(store.get(name)?) },
        ("POST", ["repos", owner, repository, "statuses", commit]) => {
            let status: Value = serde_json::from_slice(body)?;
            let place = format!("{owner}/{repository}/{commit}");
            let id = store.set_status(&place, &status.to_string())?;
            json(201, json!({"id": id, "state": status["state"], "context": status["context"]}))
        }
        ("GET", ["repos", owner, repository, "commits", commit, "status"]) => {
            let status: Value = serde_json::from_str(&store.status(&format!("{owner}/{repository}/{commit}"))?)?;
            json(200, json!({"sha": commit, "state": status["state"], "query": query}))
        }
        _ => json(404, json!({"message": "Not Found"})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(store: &Store, method: &str, path: &str, body: &Value) -> (u16, Value) {
        match answer(store, method, path, "", body.to_string().as_bytes()) {
            Answer { status, body: Body::Json(value) } => (status, value),
            Answer { status, body: Body::Bytes(bytes) } => (status, String::from_utf8(bytes).unwrap().into()),
        }
    }

    #[test]
    fn logins() {
        let store = Store::new().unwrap();
        let login = |password: &str| json!({"username": "user7", "password": sha256(password.as_bytes())});
        assert_eq!(ask(&store, "POST", "/login", &login("secret7")).0, 200);
        assert_eq!(ask(&store, "POST", "/login", &login("secret8")).0, 401);
        assert_eq!(ask(&store, "POST", "/login", &json!({})).0, 400);
    }

    #[test]
    fn money_is_neither_made_nor_lost() {
        let store = Store::new().unwrap();
        let begin = || ask(&store, "POST", "/transactions", &Value::Null).1["transaction"].as_i64().unwrap();
        let balance = |id: i64, name: &str| {
            let (_, answer) = ask(&store, "GET", &format!("/transactions/{id}/accounts/{name}"), &Value::Null);
            answer["balance"].as_i64().unwrap()
        };
        let commit = |id: i64, from: i64, to: i64| {
            let body = json!({"transaction": id, "balances": [["user1", from], ["user2", to]]});
            ask(&store, "POST", "/commit", &body).0
        };
        let (first, second) = (begin(), begin());
        for id in [first, second] {
            assert_eq!((balance(id, "user1"), balance(id, "user2")), (1000, 1000));
        }
        assert_eq!(commit(first, 900, 1100), 200);
        assert_eq!(commit(second, 500, 1500), 409, "it has read what is no longer so");
        assert_eq!(commit(second, 500, 1500), 404, "a transaction ends once");
        assert_eq!(balance(begin(), "user2"), 1100);
        assert_eq!(ask(&store, "GET", "/total", &Value::Null).1["total"], 20_000_000);
    }

    #[test]
    fn objects_and_statuses() {
        let store = Store::new().unwrap();
        assert_eq!(ask(&store, "GET", "/objects/a", &Value::Null).0, 404);
        assert_eq!(ask(&store, "PUT", "/objects/a", &json!("x")).1["size"], 3);
        assert_eq!(ask(&store, "GET", "/objects/a", &Value::Null), (200, "\"x\"".into()));
        let status = json!({"state": "success", "context": "ci"});
        assert_eq!(ask(&store, "POST", "/repos/o/r/statuses/abc", &status).0, 201);
        assert_eq!(ask(&store, "GET", "/repos/o/r/commits/abc/status", &Value::Null).1["state"], "success");
    }
}
