//! Lists, tuples and dicts.

use crate::{check_lines, check_programs};

#[test]
fn methods_of_list() {
    check_lines(
        r#"
        [1, 2].index(3)
        [1, 2].append(3, 4)
        "#,
        10,
    );
    check_programs("x = [1]\nx.append(2)\nx", 10);
}
