//! `docs/openapi.json` as a judge of answers: is this one that the document knows for such a request?

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::{Value, json};

use super::Answer;
use crate::support::root;

static DOCUMENT: LazyLock<Document> = LazyLock::new(Document::load);

/// The document, and what was compiled of it.
pub(crate) struct Document {
    pub(crate) text: Value,
    compiled: Mutex<HashMap<String, Arc<jsonschema::Validator>>>,
}

impl Document {
    pub(crate) fn get() -> &'static Self {
        &DOCUMENT
    }

    fn load() -> Self {
        let text = std::fs::read_to_string(root().join("docs/openapi.json")).expect("the document is there");
        Self { text: serde_json::from_str(&text).expect("the document is JSON"), compiled: Mutex::default() }
    }

    /// What `pointer` leads to, through references.
    pub(crate) fn at<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                self.at(self.text.pointer(pointer).unwrap_or_else(|| panic!("nothing is at {reference}")))
            }
            None => value,
        }
    }

    /// The template of `path` and what the document says of it.
    pub(crate) fn path<'a>(&'a self, path: &str) -> Option<(&'a str, &'a Value)> {
        let path: Vec<&str> = path.split('?').next()?.split('/').collect();
        let paths = self.text["paths"].as_object()?;
        let fits = paths.iter().filter(|(template, _)| {
            let template: Vec<&str> = template.split('/').collect();
            template.len() == path.len()
                && template.iter().zip(&path).all(|(a, b)| if a.starts_with('{') { !b.is_empty() } else { a == b })
        });
        let (template, item) = fits.min_by_key(|(template, _)| template.matches('{').count())?;
        Some((template.as_str(), item))
    }

    /// Why `answer` is none that the document has for the request.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) -> Result<(), String> {
        // What the document says of all paths at once.
        for (header, value) in [("access-control-allow-origin", Some("*")), ("x-request-id", None)] {
            let is = answer.headers.get(header).map(String::as_str);
            if is.is_none() || value.is_some_and(|value| is != Some(value)) {
                return Err(format!("no header {header}: {answer:?}"));
            }
        }
        if answer.status == 405 {
            return self.validate("Error", &json!({"$ref": "#/components/schemas/Error"}), &answer.json());
        }
        let (template, item) = self.path(path).ok_or("no such path")?;
        let operation = &item[method.to_ascii_lowercase()];
        let responses = operation["responses"].as_object().ok_or("no such method")?;
        let status = answer.status.to_string();
        let response = responses.get(&status).or_else(|| responses.get("default"));
        let response = self.at(response.ok_or_else(|| format!("no such status: {answer:?}"))?);
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = self.at(header);
            let Some(value) = answer.headers.get(&name.to_ascii_lowercase()) else {
                return Err(format!("no header {name}: {answer:?}"));
            };
            self.validate(&header["schema"].to_string(), &header["schema"], &json!(value))?;
        }
        let Some(content) = response["content"].as_object() else {
            return if answer.body.is_empty() { Ok(()) } else { Err(format!("a body, where none is: {answer:?}")) };
        };
        let kind = answer.headers.get("content-type").map_or("", String::as_str);
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(schema) = content.get(kind).or_else(|| content.get("*/*")) else {
            return Err(format!("no such content type: {answer:?}"));
        };
        match kind {
            "application/json" if schema.get("schema").is_some() => {
                self.validate(&format!("{method} {template} {status}"), &schema["schema"], &answer.json())
            }
            _ => Ok(()),
        }
    }

    /// Why `instance` is not as `schema` says; `name` is the schema's alone.
    pub(crate) fn validate(&self, name: &str, schema: &Value, instance: &Value) -> Result<(), String> {
        let validator = {
            let mut compiled = self.compiled.lock().expect("no test panics with the lock");
            match compiled.get(name) {
                Some(validator) => Arc::clone(validator),
                None => {
                    let validator = Arc::new(self.compile(schema).map_err(|error| format!("{name}: {error}"))?);
                    compiled.insert(name.to_owned(), Arc::clone(&validator));
                    validator
                }
            }
        };
        let errors: Vec<String> =
            validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if errors.is_empty() { Ok(()) } else { Err(format!("{name}: {errors:#?} in {instance}")) }
    }

    /// A schema of the document, whose references lead into it.
    pub(crate) fn compile(&self, schema: &Value) -> Result<jsonschema::Validator, String> {
        let mut schema = schema.clone();
        let members = schema.as_object_mut().ok_or("a schema is an object")?;
        members.insert("components".to_owned(), self.text["components"].clone());
        jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())
    }
}
