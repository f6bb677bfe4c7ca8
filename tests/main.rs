//! Tests of the whole program: the real daemon over real HTTP, the command line, golden cases, the structure of the tree.

mod support;

mod accepted;
mod action_runtime;
mod archives;
mod bad_input;
mod cases;
mod client_commands;
mod clients;
mod command_line;
mod constants;
mod contract;
mod dashboard;
mod deploy_files;
mod documents;
mod effects;
mod golden;
mod keys;
mod language;
mod left;
mod limits;
mod linked;
mod openapi;
mod openwhisk_npm;
mod random;
mod sequences;
mod serving;
mod shared_workers;
mod state;
mod structure;
mod tiers;
mod tls;
mod together;
mod triggers;
mod web_actions;
mod wsk_requests;
