//! Records: objects of JSON, grouped, joined, sorted, converted.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{cents, float, int, list, text_of};

#[derive(Default)]
struct Group<'a> {
    orders: u64,
    total: f64,
    items: Map<String, Value>,
    first: usize,
    customer: &'a str,
}

pub(super) fn group(args: &Value) -> Value {
    let mut groups: HashMap<&str, Group<'_>> = HashMap::new();
    for order in list(&args["orders"]) {
        if order["status"] == "cancelled" {
            continue;
        }
        let (customer, first) = (text_of(&order["customer"]), groups.len());
        let group = groups.entry(customer).or_insert_with(|| Group { first, customer, ..Group::default() });
        group.orders += 1;
        group.total += float(&order["price"]) * float(&order["quantity"]);
        let count = group.items.entry(text_of(&order["item"])).or_insert(json!(0));
        *count = json!(int(count) + int(&order["quantity"]));
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    groups.sort_by_key(|group| group.first);
    let groups: Map<String, Value> = groups
        .into_iter()
        .map(|group| {
            let total = cents(group.total);
            (group.customer.to_owned(), json!({"orders": group.orders, "total": total, "items": group.items}))
        })
        .collect();
    json!({ "groups": groups })
}

struct Row<'a> {
    name: &'a str,
    country: &'a str,
    product: &'a str,
    amount: i64,
}

pub(super) fn join(args: &Value) -> Value {
    let customers: HashMap<i64, &Value> =
        list(&args["customers"]).iter().map(|customer| (int(&customer["id"]), customer)).collect();
    let products: HashMap<&str, &Value> =
        list(&args["products"]).iter().map(|product| (text_of(&product["sku"]), product)).collect();
    let mut rows: Vec<Row<'_>> = list(&args["orders"])
        .iter()
        .filter_map(|order| {
            let customer = customers.get(&int(&order["customer"]))?;
            let product = products.get(text_of(&order["sku"]))?;
            Some(Row {
                name: text_of(&customer["name"]),
                country: text_of(&customer["country"]),
                product: text_of(&product["title"]),
                amount: int(&product["price"]) * int(&order["quantity"]),
            })
        })
        .collect();
    rows.sort_by(|a, b| a.country.cmp(b.country).then(b.amount.cmp(&a.amount)).then(a.name.cmp(b.name)));
    let mut by_country: Map<String, Value> = Map::new();
    for row in &rows {
        let sum = by_country.entry(row.country).or_insert(json!(0));
        *sum = json!(int(sum) + row.amount);
    }
    let first: Vec<Value> = rows
        .iter()
        .take(20)
        .map(|row| json!({"name": row.name, "country": row.country, "product": row.product, "amount": row.amount}))
        .collect();
    json!({"rows": first, "count": rows.len(), "by_country": by_country})
}

fn convert(node: &Value) -> Value {
    match node {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.replace('_', "-"), convert(value)))
            .collect::<Map<String, Value>>()
            .into(),
        Value::Array(items) => items.iter().map(convert).collect(),
        Value::String(text) => text.trim().into(),
        Value::Bool(value) => u8::from(*value).into(),
        other => other.clone(),
    }
}

pub(super) fn transform(args: &Value) -> Value {
    json!({"document": convert(&args["document"]), "version": 2})
}

#[derive(Clone, Copy)]
struct Team<'a> {
    team: &'a str,
    points: i64,
    goals: i64,
    against: i64,
}

pub(super) fn sorting(args: &Value) -> Value {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut table: Vec<Team<'_>> = Vec::new();
    for game in list(&args["games"]) {
        for (side, other) in [("home", "away"), ("away", "home")] {
            let team = text_of(&game[side]);
            let place = *places.entry(team).or_insert_with(|| {
                table.push(Team { team, points: 0, goals: 0, against: 0 });
                table.len() - 1
            });
            let (scored, conceded) = (int(&game["score"][side]), int(&game["score"][other]));
            let row = &mut table[place];
            row.goals += scored;
            row.against += conceded;
            row.points += match scored.cmp(&conceded) {
                std::cmp::Ordering::Greater => 3,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Less => 0,
            };
        }
    }
    let mut attack = table.clone();
    attack.sort_by_key(|row| std::cmp::Reverse(row.goals));
    table.sort_by_key(|row| (-row.points, row.against - row.goals, row.team));
    let mut names: Vec<&str> = table.iter().map(|row| row.team).collect();
    names.sort_by_key(|name| name.to_lowercase());
    let row =
        |row: &Team<'_>| json!({"team": row.team, "points": row.points, "goals": row.goals, "against": row.against});
    let ranked: Vec<Value> = table.iter().map(row).collect();
    let attack: Vec<&str> = attack.iter().take(3).map(|row| row.team).collect();
    json!({"table": ranked, "attack": attack, "names": names})
}
