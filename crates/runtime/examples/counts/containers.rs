//! Lists, dicts and sets.

use std::hint::black_box;

use upshift_runtime::{self as rt, Args, Builtin, Cx, Result, Str, Value, library, method, op};

use crate::{ADD, G, KEYS, cycle, names, repeat, scattered, text};

const SORTED: &Builtin = library::function("builtins", "sorted");

cases! {
    list_append KEYS * 36;
    list_get 100_000;
    list_set 100_000;
    list_iterate KEYS * 72;
    sorted_ints 100;
    sorted_strings 100;
    dict_get_small 20_000;
    dict_get_large KEYS * 18;
    dict_get_part KEYS * 18;
    dict_get_tuple KEYS * 18;
    dict_set_int KEYS * 18;
    set_add_tuple KEYS * 18;
    set_contains_tuple KEYS * 18;
}

fn pair<'a>(cx: &'a Cx<'a>, at: usize) -> Result<Value<'a>> {
    let (first, second) = (Value::Int(black_box(at) as i64), Value::Int(at as i64 / 7));
    rt::tuple_new(cx, &[first, second], G).map(Value::Tuple)
}

fn ints<'a>(cx: &'a Cx<'a>, count: usize) -> Result<rt::List<'a>> {
    let items: Vec<_> = (0..count).map(|at| Value::Int(scattered(at))).collect();
    rt::list_new(cx, &items, G)
}

fn numbered<'a>(cx: &'a Cx<'a>, keys: &[Value<'a>]) -> Result<rt::Dict<'a>> {
    let entries: Vec<_> = keys.iter().zip(0..).map(|(key, at)| (*key, Value::Int(at))).collect();
    rt::dict_new(cx, &entries, G)
}

/// `items.append(n)`, from the empty list on.
fn list_append<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let append = |list: &mut _, at| method::list_append(cx, *list, black_box(Value::Int(at as i64)), G);
    cycle(rounds, || rt::list_new(cx, &[], G), append)
}

/// `items[n]`
fn list_get<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let list = ints(cx, 100)?;
    repeat(rounds, || op::list_get(cx, black_box(list), black_box(42), G))
}

/// `items[n] = v`
fn list_set<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let list = ints(cx, 100)?;
    repeat(rounds, || op::list_set(cx, black_box(list), black_box(42), black_box(Value::Int(1)), G))
}

/// One step of `for v in items`, whose type is not known.
fn list_iterate<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let list = Value::List(ints(cx, KEYS)?);
    cycle(rounds, || rt::Iter::new(cx, black_box(list), G), |iter, _| iter.next(cx, G))
}

/// `sorted(items)` of 200 ints.
fn sorted_ints<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let list = Value::List(ints(cx, 200)?);
    repeat(rounds, || (SORTED.call)(cx, Args::of(&[black_box(list)]), G))
}

/// `sorted(items)` of 200 strings.
fn sorted_strings<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let list = Value::List(rt::list_new(cx, &names(cx, 200)?, G)?);
    repeat(rounds, || (SORTED.call)(cx, Args::of(&[black_box(list)]), G))
}

/// `record["price"]`, the third of five entries.
fn dict_get_small<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let keys = ["id", "name", "price", "tags", "open"].map(|key| text(cx, key));
    let keys = keys.into_iter().collect::<Result<Vec<_>>>()?;
    let (dict, price) = (numbered(cx, &keys)?, keys[2].as_str(G)?);
    repeat(rounds, || op::dict_get_str(cx, black_box(dict), black_box(price), G))
}

/// `table.get(name)` of strings that were hashed before.
fn dict_get_large<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let keys = names(cx, KEYS)?;
    let dict = numbered(cx, &keys)?;
    cycle(rounds, || Ok(()), |(), at| method::dict_get_or_none(cx, dict, black_box(keys[at]), G))
}

/// `table.get(text[a:b])`: a new string is hashed and compared.
fn dict_get_part<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let keys = names(cx, KEYS)?;
    let dict = numbered(cx, &keys)?;
    let all: String = keys.iter().filter_map(|key| key.as_str(G).ok()).map(Str::text).collect();
    let (all, width) = (text(cx, &all)?, all.len() / KEYS);
    let get = |(): &mut (), at: usize| {
        let (from, to) = (Value::Int((at * width) as i64), Value::Int((at * width + width) as i64));
        let part = op::get_slice(cx, all, from, to, Value::None, G)?.as_str(G)?;
        method::dict_get_str_or_none(cx, dict, part, G)
    };
    cycle(rounds, || Ok(()), get)
}

/// `table[x, y]`
fn dict_get_tuple<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let keys = (0..KEYS).map(|at| pair(cx, at)).collect::<Result<Vec<_>>>()?;
    let dict = numbered(cx, &keys)?;
    cycle(rounds, || Ok(()), |(), at| op::dict_get(cx, dict, pair(cx, at)?, G))
}

/// `table[n] = n`, from the empty dict on.
fn dict_set_int<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let set = |dict: &mut _, at: usize| {
        let key = black_box(Value::Int(at as i64));
        op::dict_set(cx, *dict, key, key, G)
    };
    cycle(rounds, || rt::dict_new(cx, &[], G), set)
}

/// `seen.add((x, y))`, from the empty set on.
fn set_add_tuple<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let add = |set: &mut _, at| rt::call_method(cx, *set, cx.literal(ADD), Args::of(&[pair(cx, at)?]), G);
    cycle(rounds, || rt::set_new(cx, false, &[], G).map(Value::Set), add)
}

/// `(x, y) in seen`
fn set_contains_tuple<'a>(cx: &'a Cx<'a>, rounds: usize) -> Result<()> {
    let items = (0..KEYS).map(|at| pair(cx, at)).collect::<Result<Vec<_>>>()?;
    let set = Value::Set(rt::set_new(cx, false, &items, G)?);
    cycle(rounds, || Ok(()), |(), at| op::contains(cx, pair(cx, at)?, set, G))
}
