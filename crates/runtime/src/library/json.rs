//! The module `json` (`Lib/json/`, `Modules/_json.c`): `dumps` and `loads`.

use crate::builtin::timsort;
use crate::{
    Args, Bail, BailKind, Builtin, Cx, Result, Type, Value, call_with, exception_new, float_text, json, str_new, truth,
};

/// The functions of `json`.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "json", name: "dumps", call: |cx, args, g| dumps(cx, args, g) },
    Builtin { module: "json", name: "load", call: |cx, args, g| load(cx, args, g) },
    Builtin { module: "json", name: "loads", call: |cx, args, g| loads(cx, args, g) },
];

/// `load(file)`
fn load<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [file] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let text = crate::call_method(cx, *file, cx.name("read", g)?, Args::of(&[]), g)?;
    loads(cx, Args::of(&[text]), g)
}

/// `loads(text)`
pub(super) fn loads<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let ([source], []) = (args.pos, args.kw) else { return Err(BailKind::Unsupported.at(g)) };
    let text = match source {
        Value::Str(text) => text.text(),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes.bytes()) {
            // Zeros would mean UTF-16 or UTF-32.
            Ok(text) if !text.starts_with('\u{feff}') && !text.bytes().take(4).any(|byte| byte == 0) => text,
            _ => return Err(BailKind::Unsupported.at(g)),
        },
        _ => return Err(BailKind::Exception.at(g)),
    };
    if text.starts_with('\u{feff}') {
        return Err(BailKind::Exception.at(g));
    }
    cx.burn(text.len(), g)?;
    match json::parse(cx, text, g) {
        Err(bail) if bail.kind() == BailKind::Exception => match json::scan::fault(text) {
            Some(message) => Err(fault(cx, &message, g)),
            None => Err(bail),
        },
        other => other,
    }
}

/// `JSONDecodeError`, which is raised from None while a `StopIteration` is handled that says where no value was found.
#[cold]
fn fault<'a>(cx: &'a Cx<'a>, message: &str, g: u32) -> Bail {
    let bail = cx.raise(Type::JSONDecodeError, message, g);
    let place = message.strip_prefix("Expecting value").and_then(|rest| rest.rsplit_once("(char "));
    let Some(place) = place.and_then(|(_, at)| at.trim_end_matches(')').parse().ok()) else { return bail };
    let outer = cx.handled().map_or(Value::None, Value::Instance);
    let made = cx.catch(bail).and_then(|error| {
        let stop = exception_new(cx, cx.class(Type::StopIteration, g)?, &[Value::Int(place)], g)?;
        if let (Some(state), Some(inner)) = (error.error(), stop.error()) {
            inner.context.set(outer);
            state.context.set(Value::Instance(stop));
            state.suppress.set(true);
        }
        Ok(error)
    });
    match made {
        Ok(error) => cx.rethrow(error, g),
        Err(bail) => bail,
    }
}

/// The options of `dumps`.
struct Encoder<'a> {
    cx: &'a Cx<'a>,
    g: u32,
    ascii: bool,
    allow_nan: bool,
    skip_keys: bool,
    sort_keys: bool,
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
    default: Option<Value<'a>>,
    /// The containers around the value at hand, by address.
    open: Vec<usize>,
    out: String,
}

/// `dumps(v, allow_nan=False)`
pub(crate) fn text_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<String> {
    let mut encoder = Encoder::new(cx, g);
    encoder.allow_nan = false;
    encoder.value(v)?;
    Ok(encoder.out)
}

/// `dumps(v, ensure_ascii=False, separators=(",", ":"), allow_nan=False)`
pub(super) fn compact<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<String> {
    let mut encoder = Encoder::new(cx, g);
    (encoder.ascii, encoder.allow_nan) = (false, false);
    (encoder.item_separator, encoder.key_separator) = (",".to_owned(), ":".to_owned());
    encoder.value(v)?;
    Ok(encoder.out)
}

/// `dumps(v, *, skipkeys, ensure_ascii, check_circular, allow_nan, cls, indent, separators, default, sort_keys)`
fn dumps<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let mut encoder = Encoder::new(cx, g);
    let mut separators = Value::None;
    for (name, value) in args.kw {
        match (name.text(), *value) {
            ("ensure_ascii", value) => encoder.ascii = truth(cx, value, g)?,
            ("allow_nan", value) => encoder.allow_nan = truth(cx, value, g)?,
            ("skipkeys", value) => encoder.skip_keys = truth(cx, value, g)?,
            ("sort_keys", value) => encoder.sort_keys = truth(cx, value, g)?,
            ("indent" | "default" | "separators", Value::None) => {}
            ("indent", Value::Int(count)) => {
                encoder.indent = Some(" ".repeat(usize::try_from(count).unwrap_or(0).min(1000)));
            }
            ("indent", Value::Str(text)) => encoder.indent = Some(text.text().to_owned()),
            ("default", function) => encoder.default = Some(function),
            ("separators", pair) => separators = pair,
            _ => return Err(BailKind::Unsupported.at(g)),
        }
    }
    if encoder.indent.is_some() {
        encoder.item_separator = ",".to_owned();
    }
    match separators {
        Value::None => {}
        Value::Tuple(_) | Value::List(_) => match crate::builtin::collect(cx, separators, g)?.as_slice() {
            [Value::Str(item), Value::Str(key)] => {
                encoder.item_separator = item.text().to_owned();
                encoder.key_separator = key.text().to_owned();
            }
            _ => return Err(BailKind::Exception.at(g)),
        },
        _ => return Err(BailKind::Unsupported.at(g)),
    }
    encoder.value(*v)?;
    str_new(cx, &encoder.out, g).map(Value::Str)
}

impl<'a> Encoder<'a> {
    /// With the defaults of `dumps`.
    fn new(cx: &'a Cx<'a>, g: u32) -> Self {
        Self {
            cx,
            g,
            ascii: true,
            allow_nan: true,
            skip_keys: false,
            sort_keys: false,
            indent: None,
            item_separator: ", ".to_owned(),
            key_separator: ": ".to_owned(),
            default: None,
            open: Vec::new(),
            out: String::new(),
        }
    }

    fn value(&mut self, v: Value<'a>) -> Result<()> {
        let (cx, g) = (self.cx, self.g);
        cx.tick(g)?;
        cx.reserve(self.out.len(), g)?;
        let inner = match v {
            Value::Instance(instance) => match (crate::plain(v), crate::json::held(instance)) {
                (Value::Instance(_), _) => v,
                (_, Some(inner)) => inner,
                (_, None) => return Err(BailKind::Unsupported.at(g)),
            },
            _ => v,
        };
        match inner {
            Value::None => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if value.get() { "true" } else { "false" }),
            Value::Int(value) => self.out.push_str(&value.to_string()),
            Value::Big(value) => self.out.push_str(&crate::repr::decimal(value, g)?),
            Value::Float(value) => {
                let text = self.float(value.get())?;
                self.out.push_str(&text);
            }
            Value::Str(text) => self.string(text.text()),
            Value::List(list) => {
                let items = list.to_vec();
                self.sequence(&items, list.address())?;
            }
            Value::Tuple(tuple) => self.sequence(tuple.items(), tuple.items().as_ptr().addr())?,
            Value::Dict(dict) => {
                let entries: Vec<(Value<'a>, Value<'a>)> = dict.entries().collect();
                self.mapping(entries, dict.address())?;
            }
            // Some of them are subclasses of built-in types.
            _ if crate::type_of(v) == Type::LibraryObject => return Err(BailKind::Unsupported.at(g)),
            _ => match self.default {
                Some(function) => {
                    let address = crate::library::copy::address(v);
                    if let Some(address) = address {
                        self.enter(address)?;
                    }
                    let made = call_with(cx, function, &[v], g)?;
                    self.value(made)?;
                    if address.is_some() {
                        self.leave();
                    }
                }
                None => {
                    let class = crate::class_of(cx, v, g)?;
                    let name = class.name().text();
                    let text = format!("Object of type {name} is not JSON serializable");
                    return Err(cx.raise_exactly(Type::TypeError, &text, g));
                }
            },
        }
        Ok(())
    }

    fn enter(&mut self, address: usize) -> Result<()> {
        if self.open.contains(&address) {
            return Err(self.cx.raise(Type::ValueError, "Circular reference detected", self.g));
        }
        self.open.push(address);
        // With an indent, the encoder is made of Python's own generators: a frame for each level.
        self.cx.enter(self.g)
    }

    fn leave(&mut self) {
        self.open.pop();
        self.cx.leave();
    }

    /// A new line at the depth at hand.
    fn line(&mut self) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.open.len()));
        }
    }

    fn sequence(&mut self, items: &[Value<'a>], address: usize) -> Result<()> {
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.enter(address)?;
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(&self.item_separator);
            }
            self.line();
            self.value(*item)?;
        }
        self.leave();
        self.line();
        self.out.push(']');
        Ok(())
    }

    fn mapping(&mut self, mut entries: Vec<(Value<'a>, Value<'a>)>, address: usize) -> Result<()> {
        if entries.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.enter(address)?;
        self.out.push('{');
        if self.sort_keys {
            timsort::sort(self.cx, &mut entries, self.g)?;
        }
        let mut first = true;
        for (key, value) in entries {
            let key = match crate::plain(key) {
                Value::Str(text) => text.text().to_owned(),
                Value::None => "null".to_owned(),
                Value::Bool(value) => value.get().to_string(),
                Value::Int(value) => value.to_string(),
                Value::Big(value) => crate::repr::decimal(value, self.g)?,
                Value::Float(value) => self.float(value.get())?,
                _ if self.skip_keys => continue,
                _ => {
                    let class = crate::class_of(self.cx, key, self.g)?;
                    let name = class.name().text();
                    let text = format!("keys must be str, int, float, bool or None, not {name}");
                    return Err(self.cx.raise_exactly(Type::TypeError, &text, self.g));
                }
            };
            if !std::mem::take(&mut first) {
                self.out.push_str(&self.item_separator);
            }
            self.line();
            self.string(&key);
            self.out.push_str(&self.key_separator);
            self.value(value)?;
        }
        self.leave();
        // An object of skipped keys alone has no line of its own in it.
        if !first || self.indent.is_none() {
            self.line();
        } else {
            return Err(BailKind::Unsupported.at(self.g));
        }
        self.out.push('}');
        Ok(())
    }

    fn float(&self, value: f64) -> Result<String> {
        if !value.is_finite() && !self.allow_nan {
            let text = "Out of range float values are not JSON compliant";
            return Err(self.cx.raise(Type::ValueError, text, self.g));
        }
        Ok(if value.is_nan() {
            "NaN".to_owned()
        } else if value.is_infinite() {
            if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
        } else {
            float_text::repr(value).as_str().to_owned()
        })
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for letter in text.chars() {
            match letter {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\x08' => self.out.push_str("\\b"),
                '\x0C' => self.out.push_str("\\f"),
                ' '..='~' => self.out.push(letter),
                _ if letter >= ' ' && !self.ascii => self.out.push(letter),
                _ => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
        }
        self.out.push('"');
    }
}
