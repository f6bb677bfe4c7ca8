//! One of the clients: does one thing after the other, by chance, and writes down what it was told.

use serde_json::{Value, json};

use super::history::Told;
use super::{Log, NAMES, Ran, document, state_of};
use crate::contract::{Answer, Client, OWN};
use crate::support::Daemon;

/// A client and its chance, which is the same in every run.
pub(super) struct Busy<'a> {
    client: Client,
    /// The owner of another namespace, and somebody whose key is nobody's.
    strangers: [Client; 2],
    log: &'a Log,
    number: u64,
    chance: u64,
}

/// What somebody else's deletion or creation makes of a request.
const OTHERS: [u16; 3] = [400, 404, 409];

impl<'a> Busy<'a> {
    pub(super) fn new(daemon: &Daemon, key: &str, log: &'a Log, number: u64) -> Self {
        let strangers = [key, "0:0"].map(|key| Client::with_key(daemon, key));
        Self {
            client: Client::new(daemon),
            strangers,
            log,
            number,
            chance: number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        }
    }

    /// A number below `bound` (xorshift64).
    fn below(&mut self, bound: u64) -> u64 {
        for shift in [13_i32, -7, 17] {
            self.chance ^= if shift > 0 { self.chance << shift } else { self.chance >> -shift };
        }
        (self.chance >> 16) % bound
    }

    /// Sends a request, and says between which times its answer holds.
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u64, u64, Answer) {
        let from = self.log.tick();
        let answer = self.client.send(method, &format!("{OWN}/{path}"), body.map(Value::to_string).as_deref());
        let to = self.log.tick();
        assert!(answer.status < 500, "{method} {path}: {answer:?}");
        (from, to, answer)
    }

    /// An answer that is neither good nor what others can have caused.
    #[track_caller]
    fn is_others(&self, path: &str, answer: &Answer) {
        assert!(OTHERS.contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.error().is_empty());
    }

    fn put(&self, name: usize, overwrite: bool) -> bool {
        let token = self.log.token();
        let path = format!("{}?overwrite={overwrite}", NAMES[name]);
        let (from, to, answer) = self.send("PUT", &path, Some(&document(name, token, !overwrite)));
        if answer.status != 200 {
            self.is_others(&path, &answer);
            return false;
        }
        let state = state_of(&answer.json());
        assert!(state.token == token || NAMES[name].starts_with("rules"), "the answer is another one's: {answer:?}");
        assert!(overwrite || (state.version == 1 && state.life == Some(token)), "{answer:?}");
        self.log.note(name, from, to, Told::Wrote(state));
        true
    }

    pub(super) fn create(&self, name: usize) {
        assert!(self.put(name, false), "{} is created", NAMES[name]);
    }

    fn delete(&self, name: usize) {
        let (from, to, answer) = self.send("DELETE", NAMES[name], None);
        match answer.status {
            200 => self.log.note(name, from, to, Told::Deleted(state_of(&answer.json()))),
            404 => self.missed(name, from, to),
            // A package with an action in it; or somebody else writes.
            _ => self.is_others(NAMES[name], &answer),
        }
    }

    /// That an action is not there says nothing where its package may be missing, too.
    fn missed(&self, name: usize, from: u64, to: u64) {
        self.log.note(name, from, to, Told::Missed);
    }

    pub(super) fn get(&self, name: usize) {
        let (from, to, answer) = self.send("GET", NAMES[name], None);
        match answer.status {
            200 => {
                let document = answer.json();
                let state = state_of(&document);
                // An action in a package shows the package's parameters, too, and its own go before them.
                if let Some(code) = document["exec"]["code"].as_str() {
                    assert!(code.contains(&format!("\"token\": {},", state.token)), "{document}");
                }
                self.log.note(name, from, to, Told::Saw(state));
            }
            404 => self.missed(name, from, to),
            _ => panic!("{}: {answer:?}", NAMES[name]),
        }
    }

    fn list(&self, collection: &str) {
        let (from, to, answer) = self.send("GET", &format!("{collection}?limit=0"), None);
        let list = answer.ok();
        let items = list.as_array().expect("a list");
        let mut seen = vec![false; NAMES.len()];
        for item in items {
            let (namespace, name) =
                (item["namespace"].as_str().expect("a text"), item["name"].as_str().expect("a text"));
            let package = namespace.strip_prefix("guest").expect("the guest's own");
            let path = format!("{collection}{package}/{name}");
            let name = NAMES.iter().position(|known| *known == path).unwrap_or_else(|| panic!("{path}: {list}"));
            assert!(!std::mem::replace(&mut seen[name], true), "{path} is there twice: {list}");
            self.log.note(name, from, to, Told::Saw(state_of(item)));
        }
        for (name, path) in NAMES.iter().enumerate() {
            if path.starts_with(collection) && !seen[name] {
                self.missed(name, from, to);
            }
        }
    }

    fn invoke(&mut self, name: usize) {
        let echo = self.number << 32 | self.below(1 << 32);
        let path = format!("{}?blocking=true", NAMES[name]);
        let (from, to, answer) = self.send("POST", &path, Some(&json!({"echo": echo})));
        match answer.status {
            200 => {
                let record = answer.json();
                let result = &record["response"]["result"];
                assert_eq!(result["echo"], echo, "the answer is another one's: {record}");
                let version = record["version"].as_str().and_then(|version| version.strip_prefix("0.0.")?.parse().ok());
                let (version, token) = (version.expect("a version"), result["token"].as_u64().expect("a token"));
                self.log.ran.lock().expect("nobody panics with it").push(Ran { name, from, to, version, token });
            }
            404 => self.missed(name, from, to),
            _ => panic!("{path}: {answer:?}"),
        }
    }

    /// A rule on or off, or its trigger fired; what becomes of the actions is nobody's answer here.
    fn fire_or_set(&mut self, name: usize) {
        let body = if NAMES[name].starts_with("rules") {
            json!({"status": if self.below(3) > 0 { "active" } else { "inactive" }})
        } else {
            json!({"echo": 1})
        };
        let (from, to, answer) = self.send("POST", NAMES[name], Some(&body));
        match answer.status {
            200 | 202 | 204 => {}
            404 if NAMES[name].starts_with("triggers") => self.missed(name, from, to),
            _ => self.is_others(NAMES[name], &answer),
        }
    }

    /// What others see of a name, whatever becomes of it meanwhile.
    fn ask_as_strangers(&self, name: usize) {
        let (collection, rest) = NAMES[name].split_once('/').expect("a collection");
        let [other, nobody] = &self.strangers;
        assert_eq!(other.send("GET", &format!("{OWN}/{collection}"), None).ok(), json!([]));
        for (client, status) in [(other, 403), (nobody, 401)] {
            let answer = client.send("GET", &format!("/api/v1/namespaces/guest/{collection}/{rest}"), None);
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }

    pub(super) fn do_something(&mut self) {
        let name = usize::try_from(self.below(NAMES.len() as u64)).expect("it is small");
        let collection = NAMES[name].split('/').next().expect("a collection");
        match self.below(20) {
            0 => {
                // Names are more often there than not.
                self.delete(name);
                self.put(name, false);
            }
            1 | 2 => self.list(collection),
            3 => self.ask_as_strangers(name),
            4 | 5 => self.get(name),
            6..=10 => {
                self.put(name, true);
            }
            11 => {
                self.put(name, false);
            }
            _ => match collection {
                "actions" => self.invoke(name),
                "packages" => self.get(name),
                _ => self.fire_or_set(name),
            },
        }
    }

    /// Deletes everything, when nobody else is there.
    pub(super) fn everything_goes(&self) {
        let names = (0..NAMES.len()).rev();
        names.clone().for_each(|name| self.delete(name));
        names.for_each(|name| self.get(name));
    }
}
