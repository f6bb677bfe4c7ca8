//! Strings, lists, dicts, iteration, cells and limits.

use std::time::{Duration, Instant};

use upshift_runtime::{
    Arena, BailKind, Cx, DictIter, Iter, Limits, ListIter, Range, RangeIter, StrIter, Value, bound, builtin, dict_new,
    list_new, method, new_ref, op, str_new,
};

use crate::oracle::{G, Random, with_cx};

fn limits(memory_bytes: usize, time: Duration) -> Limits {
    Limits {
        deadline: Instant::now() + time,
        memory_bytes,
        force: 3,
        hash_secret: upshift_runtime::HashSecret::default(),
        is_utc: true,
    }
}

#[test]
fn a_value_is_two_words() {
    assert_eq!(size_of::<Value<'_>>(), 16);
    assert_eq!(size_of::<Option<Value<'_>>>(), 16);
}

#[test]
fn appending_to_a_string_copies_each_byte_a_bounded_number_of_times() {
    let arena = Arena::new();
    let cx = Cx::new(&arena, &[], limits(32 << 20, Duration::from_secs(60))).unwrap();
    let mut text = str_new(cx, "", G).unwrap();
    let piece = str_new(cx, "abcdé", G).unwrap();
    let mut olds = Vec::new();
    for count in 0..100_000 {
        text = op::str_concat(cx, text, piece, G).unwrap();
        if count % 10_000 == 0 {
            olds.push((text, count + 1));
        }
    }
    assert_eq!((text.chars(), text.text().len()), (500_000, 600_000));
    for (old, count) in olds {
        assert_eq!(old.text(), "abcdé".repeat(count), "an older string never changes");
    }
}

#[test]
fn strings_that_grow_from_one_prefix_stay_apart() {
    with_cx(|cx| {
        let text = |text: &str| str_new(cx, text, G).unwrap();
        let base = op::str_concat(cx, text("ab"), text("cd"), G).unwrap();
        let left = op::str_concat(cx, base, text("X"), G).unwrap();
        let right = op::str_concat(cx, base, text("Y"), G).unwrap();
        let double = op::str_concat(cx, left, left, G).unwrap();
        assert_eq!((base.text(), left.text(), right.text(), double.text()), ("abcd", "abcdX", "abcdY", "abcdXabcdX"));
        let same = op::eq(cx, left.into(), text("abcdX").into(), G);
        assert!(same.unwrap());
    });
}

#[test]
fn random_concatenations_match_owned_strings() {
    let mut random = Random(8);
    with_cx(|cx| {
        let mut pool: Vec<(_, String)> =
            ["", "a", "é", "xyz"].map(|text| (str_new(cx, text, G).unwrap(), text.to_owned())).into();
        for _ in 0..5000 {
            let (l, r) = (random.below(pool.len()), random.below(pool.len()));
            if pool[l].1.len() + pool[r].1.len() > 2000 {
                pool.truncate(4);
                continue;
            }
            let joined = op::str_concat(cx, pool[l].0, pool[r].0, G).unwrap();
            let expected = format!("{}{}", pool[l].1, pool[r].1);
            pool.push((joined, expected));
            for (text, expected) in &pool {
                assert_eq!((text.text(), text.chars()), (expected.as_str(), expected.chars().count()));
            }
            if pool.len() > 40 {
                pool.remove(random.below(20));
            }
        }
    });
}

#[test]
fn dicts_match_a_model() {
    let mut random = Random(6);
    with_cx(|cx| {
        for _ in 0..50 {
            let dict = dict_new(cx, &[], G).unwrap();
            let mut model: Vec<(i64, i64)> = Vec::new();
            for step in 0..random.below(400) as i64 {
                let key = random.below(150) as i64;
                // Equal keys of three types share one entry.
                let as_value = match random.below(3) {
                    0 if key < 2 => Value::bool(key == 1),
                    1 => Value::float(key as f64),
                    _ => Value::Int(key),
                };
                op::dict_set(cx, dict, as_value, Value::Int(step), G).unwrap();
                match model.iter_mut().find(|(known, _)| *known == key) {
                    Some(entry) => entry.1 = step,
                    None => model.push((key, step)),
                }
            }
            assert_eq!(dict.len(), model.len());
            for (place, (key, value)) in model.iter().enumerate() {
                assert_eq!(op::dict_get(cx, dict, Value::Int(*key), G).unwrap().as_int(G).unwrap(), *value);
                assert_eq!(dict.entries().nth(place).unwrap().1.as_int(G).unwrap(), *value);
            }
            let missing = op::dict_get(cx, dict, Value::float(0.5), G);
            assert!(matches!(missing.unwrap_err().kind(), BailKind::Raised | BailKind::Exception));
        }
    });
}

#[test]
fn dict_keys_that_bail_out() {
    with_cx(|cx| {
        let list = Value::List(list_new(cx, &[], G).unwrap());
        let kind = |key| dict_new(cx, &[(key, Value::None)], G).unwrap_err().kind();
        assert_eq!(kind(list), BailKind::Raised);
        assert_eq!(kind(Value::float(f64::NAN)), BailKind::Unsupported);
        let hello = cx.literal(0);
        let dict = dict_new(cx, &[(hello.into(), Value::Int(1))], G).unwrap();
        let same = str_new(cx, "hello", G).unwrap();
        assert_eq!(op::dict_get_str(cx, dict, same, G).unwrap().as_int(G).unwrap(), 1);
        assert!(matches!(
            op::dict_get_str(cx, dict, cx.literal(2), G).unwrap_err().kind(),
            BailKind::Raised | BailKind::Exception
        ));
        assert_eq!(method::dict_get(cx, dict, cx.literal(1).into(), Value::Int(9), G).unwrap().as_int(G).unwrap(), 9);
    });
}

#[test]
fn lists_change_as_pythons() {
    with_cx(|cx| {
        let ints = |list: upshift_runtime::List<'_>| {
            (0..list.len()).map(|index| list.at(index).unwrap().as_int(G).unwrap()).collect::<Vec<_>>()
        };
        let list = list_new(cx, &[1, 2, 3].map(Value::Int), G).unwrap();
        method::list_insert(cx, list, -100, Value::Int(0), G).unwrap();
        method::list_insert(cx, list, 100, Value::Int(9), G).unwrap();
        method::list_insert(cx, list, -1, Value::Int(8), G).unwrap();
        assert_eq!(ints(list), [0, 1, 2, 3, 8, 9]);
        assert_eq!(method::list_pop(cx, list, -2, G).unwrap().as_int(G).unwrap(), 8);
        assert_eq!(method::list_pop(cx, list, 0, G).unwrap().as_int(G).unwrap(), 0);
        assert!(matches!(method::list_pop(cx, list, 4, G).unwrap_err().kind(), BailKind::Raised | BailKind::Exception));
        assert!(matches!(
            method::list_pop(cx, list, i64::MIN, G).unwrap_err().kind(),
            BailKind::Raised | BailKind::Exception
        ));
        op::iadd(cx, list.into(), list.into(), G).unwrap();
        assert_eq!(ints(list), [1, 2, 3, 9, 1, 2, 3, 9]);
        op::list_set(cx, list, -1, Value::Int(5), G).unwrap();
        assert_eq!(op::list_get(cx, list, 7, G).unwrap().as_int(G).unwrap(), 5);
        for at in [8, -9, i64::MIN, i64::MAX] {
            assert!(matches!(
                op::list_get(cx, list, at, G).unwrap_err().kind(),
                BailKind::Raised | BailKind::Exception
            ));
            assert!(matches!(
                op::list_set(cx, list, at, Value::None, G).unwrap_err().kind(),
                BailKind::Raised | BailKind::Exception
            ));
        }
    });
}

#[test]
fn iteration_sees_what_cpythons_sees() {
    with_cx(|cx| {
        let list = list_new(cx, &[Value::Int(0)], G).unwrap();
        let mut iter = ListIter::new(list);
        let mut seen = 0;
        while let Some(item) = iter.next() {
            seen += 1;
            if seen < 10 {
                method::list_append(cx, list, item, G).unwrap();
            }
        }
        assert_eq!(seen, 10);
        method::list_append(cx, list, Value::None, G).unwrap();
        assert!(iter.next().is_none(), "an exhausted iterator stays exhausted");

        let dict = dict_new(cx, &[(Value::Int(1), Value::None), (Value::Int(2), Value::None)], G).unwrap();
        let mut keys = DictIter::new(dict);
        assert_eq!(keys.next(cx, G).unwrap().unwrap().as_int(G).unwrap(), 1);
        op::dict_set(cx, dict, Value::Int(1), Value::Int(5), G).unwrap();
        assert_eq!(keys.next(cx, G).unwrap().unwrap().as_int(G).unwrap(), 2);
        op::dict_set(cx, dict, Value::Int(3), Value::None, G).unwrap();
        assert!(matches!(keys.next(cx, G).unwrap_err().kind(), BailKind::Raised | BailKind::Exception));

        let mut letters = StrIter::new(str_new(cx, "aé😀", G).unwrap());
        let mut texts = Vec::new();
        while let Some(letter) = letters.next(cx, G).unwrap() {
            texts.push(letter.text());
        }
        assert_eq!(texts, ["a", "é", "😀"]);
        assert!(matches!(
            Iter::new(cx, Value::Int(1), G).err().unwrap().kind(),
            BailKind::Raised | BailKind::Exception
        ));
    });
}

#[test]
fn ranges_at_the_edges() {
    let numbers = |start, stop, step| {
        let mut iter = RangeIter::new(Range::new(start, stop, step, G).unwrap());
        std::iter::from_fn(|| iter.next()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0, 5, 2), [0, 2, 4]);
    assert_eq!(numbers(5, 0, -2), [5, 3, 1]);
    assert_eq!(numbers(0, 0, 1), []);
    assert_eq!(numbers(i64::MAX - 1, i64::MAX, i64::MAX), [i64::MAX - 1]);
    assert_eq!(numbers(i64::MIN + 1, i64::MIN, i64::MIN), [i64::MIN + 1]);
    assert_eq!(numbers(i64::MIN, i64::MAX, i64::MAX), [i64::MIN, -1, i64::MAX - 1]);
    assert!(matches!(Range::new(0, 1, 0, G).unwrap_err().kind(), BailKind::Raised | BailKind::Exception));
    assert_eq!(Range::new(i64::MIN, i64::MAX, 1, G).unwrap_err().kind(), BailKind::Unsupported);
    assert_eq!(Range::new(0, i64::MAX, 1, G).unwrap().len(), i64::MAX);
}

#[test]
fn limits_bail_out() {
    let arena = Arena::new();
    let cx = Cx::new(&arena, &[], limits(1 << 20, Duration::from_secs(60))).unwrap();
    let list = list_new(cx, &[], G).unwrap();
    let mut pushed = 0;
    let kind = loop {
        match method::list_append(cx, list, Value::None, G) {
            Ok(()) => pushed += 1,
            Err(bail) => break bail.kind(),
        }
    };
    assert_eq!(kind, BailKind::Memory);
    assert!((10_000..70_000).contains(&pushed));
    let text = str_new(cx, "abc", G).unwrap();
    assert_eq!(op::str_repeat(cx, text, i64::MAX, G).unwrap_err().kind(), BailKind::Memory);
    assert_eq!(op::list_repeat(cx, list, 1 << 50, G).unwrap_err().kind(), BailKind::Memory);

    for _ in 0..950 {
        cx.enter(G).unwrap();
    }
    assert_eq!(cx.enter(G).unwrap_err().kind(), BailKind::Depth);
    cx.leave();
    cx.enter(G).unwrap();

    assert_eq!(cx.force(3).unwrap_err().kind(), BailKind::Forced);
    cx.force(4).unwrap();
    assert_eq!(cx.hole(9).kind(), BailKind::Branch);
    assert!(matches!(bound::<i64>(None, G).unwrap_err().kind(), BailKind::Raised | BailKind::Exception));
}

#[test]
fn the_deadline_ends_every_loop() {
    let arena = Arena::new();
    let cx = Cx::new(&arena, &[], limits(1 << 20, Duration::from_millis(20))).unwrap();
    let start = Instant::now();
    let bail = loop {
        if let Err(bail) = cx.tick(G) {
            break bail;
        }
    };
    assert_eq!(bail.kind(), BailKind::Deadline);
    let endless = Range::new(0, i64::MAX, 1, G).unwrap();
    let endless = upshift_runtime::range_value(cx, endless, G).unwrap();
    assert_eq!(builtin::max_of(cx, endless, G).unwrap_err().kind(), BailKind::Deadline);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn cells_are_shared() {
    with_cx(|cx| {
        let cell = new_ref::<i64>(cx, None, G).unwrap();
        assert!(matches!(cell.get(G).unwrap_err().kind(), BailKind::Raised | BailKind::Exception));
        let copy = cell;
        copy.set(4);
        assert_eq!(cell.get(G).unwrap(), 4);
    });
    let arena = Arena::new();
    let cx = Cx::new(&arena, &[], limits(8192, Duration::from_secs(60))).unwrap();
    let bail = loop {
        match new_ref(cx, Some(1_i64), G) {
            Ok(cell) => assert_eq!(cell.get(G).unwrap(), 1),
            Err(bail) => break bail,
        }
    };
    assert_eq!(bail.kind(), BailKind::Memory);
}

#[test]
fn structures_that_contain_themselves_bail_out() {
    with_cx(|cx| {
        let list = list_new(cx, &[], G).unwrap();
        method::list_append(cx, list, list.into(), G).unwrap();
        assert_eq!(builtin::repr(cx, list.into(), G).unwrap_err().kind(), BailKind::Depth);
        assert!(op::eq(cx, list.into(), list.into(), G).unwrap());
        let other = list_new(cx, &[], G).unwrap();
        method::list_append(cx, other, other.into(), G).unwrap();
        assert_eq!(op::eq(cx, list.into(), other.into(), G).unwrap_err().kind(), BailKind::Unsupported);
    });
}
