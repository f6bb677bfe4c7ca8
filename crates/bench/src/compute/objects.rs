//! What Python has classes, closures, generators and exceptions for.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::{cents, float, int, list, size};

#[derive(Clone, Copy)]
struct Vector {
    x: f64,
    y: f64,
}

impl std::ops::Add for Vector {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y }
    }
}

impl Vector {
    fn scaled(self, factor: f64) -> Self {
        Self { x: self.x * factor, y: self.y * factor }
    }
}

struct Particle {
    place: Vector,
    speed: Vector,
    bounces: u64,
}

impl Particle {
    fn step(&mut self, dt: f64, size: f64) {
        self.place = self.place + self.speed.scaled(dt);
        if !(0.0..=size).contains(&self.place.x) {
            self.speed.x = -self.speed.x;
            self.bounces += 1;
        }
        if !(0.0..=size).contains(&self.place.y) {
            self.speed.y = -self.speed.y;
            self.bounces += 1;
        }
    }
}

pub(super) fn classes(args: &Value) -> Value {
    let mut particles: Vec<Particle> = list(&args["particles"])
        .iter()
        .map(|particle| {
            let at = |i: usize| float(&particle[i]);
            Particle { place: Vector { x: at(0), y: at(1) }, speed: Vector { x: at(2), y: at(3) }, bounces: 0 }
        })
        .collect();
    let (dt, size) = (float(&args["dt"]), float(&args["size"]));
    for _ in 0..int(&args["steps"]) {
        for particle in &mut particles {
            particle.step(dt, size);
        }
    }
    let count = particles.len() as f64;
    let x = particles.iter().map(|particle| particle.place.x).sum::<f64>() / count;
    let y = particles.iter().map(|particle| particle.place.y).sum::<f64>() / count;
    json!({"bounces": particles.iter().map(|particle| particle.bounces).sum::<u64>(), "centre": [x, y]})
}

type Rule = Box<dyn Fn(f64, i64) -> f64>;

fn percentage(rate: f64) -> Rule {
    Box::new(move |price, _| price * (1.0 - rate))
}

fn from_quantity(least: i64, inner: Rule) -> Rule {
    Box::new(move |price, quantity| if quantity >= least { inner(price, quantity) } else { price })
}

fn chain(rules: Vec<Rule>) -> Rule {
    Box::new(move |price, quantity| rules.iter().fold(price, |price, rule| rule(price, quantity)))
}

pub(super) fn closures(args: &Value) -> Value {
    let price_of =
        chain(vec![percentage(0.05), from_quantity(10, percentage(0.1)), from_quantity(100, percentage(0.2))]);
    let mut count = 0;
    let mut add = |by: i64| {
        count += by;
        count
    };
    let mut total = 0.0;
    for line in list(&args["lines"]) {
        let (price, quantity) = (float(&line[0]), int(&line[1]));
        total += price_of(price, quantity) * quantity as f64;
        add(quantity);
    }
    json!({"total": cents(total), "quantity": add(0)})
}

fn windows(values: impl Iterator<Item = i64>, size: usize) -> impl Iterator<Item = f64> {
    let mut window = VecDeque::new();
    values.filter_map(move |value| {
        window.push_back(value);
        if window.len() > size {
            window.pop_front();
        }
        (window.len() == size).then(|| window.iter().sum::<i64>() as f64 / size as f64)
    })
}

pub(super) fn generators(args: &Value) -> Value {
    let (size, limit) = (size(&args["size"]), float(&args["limit"]));
    let means: Vec<f64> = windows(list(&args["values"]).iter().filter_map(Value::as_i64), size).collect();
    let mut above = false;
    let mut alarms = Vec::new();
    for (i, &mean) in means.iter().enumerate() {
        if mean > limit && !above {
            alarms.push(i);
        }
        above = mean > limit;
    }
    json!({"means": means.len(), "highest": means.iter().copied().fold(f64::MIN, f64::max), "alarms": alarms})
}

enum Trouble {
    Invalid(&'static str),
    Missing,
}

fn amount(field: &'static str, row: &Value) -> Result<f64, Trouble> {
    let text = row.get(field).and_then(Value::as_str).ok_or(Trouble::Missing)?;
    let value = match text.parse::<i64>() {
        Ok(value) => value as f64,
        Err(_) => text.replace(',', ".").parse().map_err(|_| Trouble::Invalid(field))?,
    };
    if value < 0.0 { Err(Trouble::Invalid(field)) } else { Ok(value) }
}

pub(super) fn exceptions(args: &Value) -> Value {
    let (mut total, mut missing) = (0.0, 0);
    let mut errors: Map<String, Value> = Map::new();
    for row in list(&args["rows"]) {
        match amount("net", row).and_then(|net| Ok(net + amount("tax", row)?)) {
            Ok(sum) => total += sum,
            Err(Trouble::Missing) => missing += 1,
            Err(Trouble::Invalid(field)) => {
                let count = errors.entry(field).or_insert(json!(0));
                *count = json!(int(count) + 1);
            }
        }
    }
    json!({"total": cents(total), "errors": errors, "missing": missing})
}
