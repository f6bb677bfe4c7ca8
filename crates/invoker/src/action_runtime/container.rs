//! The one action of the process: taken up once, then run; gone when its process exits.
//!
//! In: requests that were read. Out: what they are answered with, when everything that belongs to them has been printed.
//! Holds: after a failure to start the streams have an end, and another action may be tried; after a run they always have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::to_raw_value;
use upshift_deploy::{Action, ArchiveError, Exec, Limits, Parameter, Unpacked, archive};
use upshift_runtime::json::scan::JsonError;

use super::answer::Said;
use super::request::{Init, Run};
use super::streams::Output;
use crate::catalog::now;
use crate::payload;
use crate::tier::{Code, End, Environment, NoWorker, Origin, Runtime, Shared, log_line};
use crate::unpack::UnpackError;

/// What the action is called in the process's own log and state directory.
const NAME: &str = "action";
const TWICE: &str = "Cannot initialize the action more than once.";
const NO_CODE: &str = "Missing main/no code to execute.";
const UNUSABLE: &str = "The action failed to generate or locate a binary. See logs for details.";
const NOT_STARTED: &str = "Cannot start action. Check logs for details.";
const ENDED_EARLY: &str = "Command exited abruptly during initialization.";
const NO_ACTION: &str = "no action defined yet";

/// Where the action is, if there is one.
pub(super) struct Container {
    shared: Arc<Shared>,
    limits: Limits,
    /// Variables of the process that functions have.
    variables: Vec<(String, String)>,
    phase: Mutex<Phase>,
    /// One action is tried at a time.
    turn: tokio::sync::Mutex<()>,
}

enum Phase {
    Empty,
    Ready(Arc<Running>),
    /// Its process exited. There is no other chance, and nothing to run.
    Ended,
}

/// An action that was started.
struct Running {
    runtime: Arc<Runtime>,
    /// Its environment beyond what all processes have; what an invocation adds stays.
    variables: Mutex<BTreeMap<String, String>>,
}

/// Why there is no action.
enum Refused {
    /// The request is no good; nothing was tried.
    Request(u16, String),
    /// What was sent is no Python that could be tried, for this reason.
    Unusable(String),
    /// It was tried, and this is what it printed.
    NotStarted(Output),
}

impl Container {
    pub(super) fn new(shared: Arc<Shared>, limits: Limits, variables: Vec<(String, String)>) -> Self {
        Self { shared, limits, variables, phase: Mutex::new(Phase::Empty), turn: tokio::sync::Mutex::default() }
    }

    /// Whether no action has been taken up.
    pub(super) fn is_empty(&self) -> bool {
        matches!(*self.phase(), Phase::Empty)
    }

    /// Takes up an action, or says why not.
    pub(super) async fn init(&self, init: Init) -> Result<(), Said> {
        let _turn = self.turn.lock().await;
        if !self.is_empty() {
            // No activation ends here, so nothing says that one does.
            Output::default().say(TWICE).write().await;
            return Err(Said::error(403, TWICE));
        }
        match self.start(&init).await {
            Ok(running) => {
                running.runtime.prepare_tracing();
                *self.phase() = Phase::Ready(Arc::new(running));
                Ok(())
            }
            Err(Refused::Request(status, message)) => Err(Said::error(status, &message)),
            Err(Refused::Unusable(reason)) => {
                Output::default().say(&reason).end().write().await;
                Err(Said::error(502, UNUSABLE))
            }
            Err(Refused::NotStarted(output)) => {
                output.say(ENDED_EARLY).end().write().await;
                Err(Said::error(502, NOT_STARTED))
            }
        }
    }

    async fn start(&self, init: &Init) -> Result<Running, Refused> {
        let unpacked = self.unpack(init).await?;
        let action = self.action(init);
        let code = Code::new(&action, &Origin::Api, Some(unpacked));
        let checked = self.shared.zygote.check_syntax(&code.source, &code.filename).await;
        checked.map_err(|error| internal(&error))?.map_err(Refused::Unusable)?;
        let variables = payload::environment(action.parameters.iter()).into_iter().collect();
        let shared = Arc::clone(&self.shared);
        let started = tokio::task::spawn_blocking(move || Runtime::start(shared, action, Origin::Api, code));
        let runtime = started.await.map_err(|error| internal(&error))?;
        match runtime.warm_up().await {
            Ok(()) => Ok(Running { runtime, variables: Mutex::new(variables) }),
            Err(NoWorker::Failed(message, logs)) => {
                let lines: Vec<String> = logs.iter().map(log_line).collect();
                let output = Output::of(&lines);
                // A traceback ends with it.
                let is_said = output.stderr.trim_end().ends_with(&message);
                Err(Refused::NotStarted(if is_said { output } else { output.say(&message) }))
            }
            Err(NoWorker::TimedOut) => Err(internal(&"the time to load it is over")),
            Err(NoWorker::System(error)) => Err(internal(&error)),
        }
    }

    /// A folder with the code in it, whichever way it came.
    async fn unpack(&self, init: &Init) -> Result<Unpacked, Refused> {
        let code = init.code.as_deref().unwrap_or_default();
        if code.is_empty() {
            return Err(Refused::Request(403, NO_CODE.to_owned()));
        }
        let bytes = match init.binary {
            Some(true) => {
                let lines: String = code.split(['\r', '\n']).collect();
                let decoded = STANDARD.decode(lines);
                decoded.map_err(|error| Refused::Request(400, format!("cannot decode the request: {error}")))?
            }
            _ => code.as_bytes().to_vec(),
        };
        let unpacker = Arc::clone(&self.shared.unpacker);
        if archive::is_zip(&bytes) {
            return unpacker.unpack(bytes).await.map_err(|error| match error {
                UnpackError::Archive(ArchiveError::NoCompiledMain) => {
                    Refused::NotStarted(Output::default().say(&error.to_string()))
                }
                UnpackError::Internal(error) => internal(&error),
                error => Refused::Unusable(error.to_string()),
            });
        }
        let source = String::from_utf8(bytes).map_err(|_| {
            Refused::Unusable("the code is neither a zip archive nor the text of a Python file".to_owned())
        })?;
        unpacker.archives().of_source(&source).map_err(|error| internal(&error))
    }

    /// What `/init` says of an action, as the API would: its environment are the parameters that go there.
    fn action(&self, init: &Init) -> Action {
        // The code is in its folder.
        let mut action = Action::from_source(NAME, String::new(), self.limits, now());
        if let Exec::Code(code) = &mut action.exec {
            code.main = init.main.clone().filter(|main| !main.is_empty());
        }
        let own = self.variables.iter().filter_map(|(name, value)| Some((name.clone(), to_raw_value(value).ok()?)));
        let mut environment: BTreeMap<_, _> = own.collect();
        environment.extend(init.env.clone().unwrap_or_default());
        action.parameters = environment.into_iter().map(|(key, value)| Parameter { key, value, init: true }).collect();
        action
    }

    /// Runs an invocation; a request that is none ends the action, as it ends the process that reads it in OpenWhisk.
    pub(super) async fn run(&self, run: Result<Run, JsonError>) -> Said {
        let ready = match &*self.phase() {
            Phase::Ready(running) => Some(Arc::clone(running)),
            Phase::Empty | Phase::Ended => None,
        };
        let Some(running) = ready else {
            Output::default().end().write().await;
            return Said::error(500, NO_ACTION);
        };
        let run = match run {
            Ok(run) => run,
            Err(error) => {
                *self.phase() = Phase::Ended;
                Output::default().say(&format!("the invocation cannot be read: {error}")).end().write().await;
                return Said::exited();
            }
        };
        let environment = running.environment(run.variables);
        let answer = Arc::clone(&running.runtime).invoke(run.args, environment, Instant::now()).await;
        if answer.end == End::Exited {
            *self.phase() = Phase::Ended;
        }
        Output::of(&answer.logs).end().write().await;
        Said::of(&answer)
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// The environment of an invocation that adds these.
    fn environment(&self, added: Vec<(String, String)>) -> Arc<Environment> {
        let mut variables = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        variables.extend(added);
        let all = variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Arc::new(Environment::given(Arc::clone(&self.runtime.action), all))
    }
}

/// Nothing that was sent is the reason.
fn internal(error: &dyn std::fmt::Display) -> Refused {
    tracing::error!("the action cannot be started: {error}");
    Refused::Request(500, "There was an internal error.".to_owned())
}
