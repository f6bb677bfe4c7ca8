//! What is one object, because it is a constant, and what is made anew.

use crate::cases::native;

#[test]
fn a_tuple_that_depends_on_a_condition_is_made_anew() {
    // The other branch is never seen, so that what the tuple is made of is assigned once.
    for value in ["1", "(1, 2)"] {
        let body = format!(
            "def main(args):\n    made = []\n    for i in range(3):\n        made.append(({value} if args[\"c\"] else i, 2))\n    \
             return {{\"same\": made[0] is made[1]}}\n"
        );
        native(&body, &[r#"{"c": true}"#, r#"{"c": true}"#], 2);
    }
}

#[test]
fn negative_numbers_are_constants() {
    native(
        "def f():\n    return (-1, -2.5)\n\ndef main(args):\n    n = args[\"n\"]\n    \
         return {\"same\": f() is f(), \"values\": [f(), -1 ** 2, (-1) ** 2, 2 ** -1, - -3, -5 .real, (-7).bit_length(), \
         -0.0, -0, -1e999, n - -1, n ** -2, n[-1:] if n == \"\" else [1, 2][-1], -9223372036854775807, f\"{-3}{-4!r}\"]}\n",
        &[r#"{"n": 3}"#, r#"{"n": -4}"#],
        0,
    );
}
