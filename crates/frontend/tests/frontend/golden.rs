//! What normal forms look like, and what is known of a module.

use upshift_frontend::NoHooks;
use upshift_frontend::normal::{Item, Module, StmtKind};
use upshift_frontend::{normalise, print, print_functions};
use upshift_ir::Const;

fn module(source: &str) -> Module {
    normalise(source).expect("the source is Python")
}

fn printed(source: &str) -> String {
    print(&module(source), &NoHooks).text
}

#[test]
fn operands_are_named_in_order() {
    insta::assert_snapshot!(printed("def f(x, y):\n    return print(x.a + g(y), k=y[0])\n"), @r##"
    def f(x, y):
        fn0: unbound; t0: unbound; app0: unbound; t1: unbound; t2: unbound; app1: unbound
        fn0 = print
        t0 = x.a
        app0 = g(y)
        t1 = t0 + app0
        app0 = t0 = None
        t2 = y[0]
        app1 = fn0(t1, k=t2)
        fn0 = t1 = t2 = None
        return app1
    "##);
}

#[test]
fn loops_are_while_loops() {
    let source =
        "def f(xs):\n    for a, b in xs:\n        if a: break\n    else:\n        return b\n    while a < 3: a += 1\n";
    insta::assert_snapshot!(printed(source), @r##"
    from builtins import iter as _up_iter, next as _up_next
    _up_end = object()
    def f(xs):
        a: unbound
        b: unbound
        iter0: unbound; t0: unbound; item0: unbound; t1: unbound; t2: unbound; t3: unbound; t4: unbound
        iter0 = _up_iter(xs)
        t0 = True
        while True:
            item0 = _up_next(iter0, _up_end)
            if item0 is _up_end:
                break
            a, b = item0
            item0 = None
            if a:
                iter0 = None
                t0 = False
                break
        iter0 = None
        if t0:
            t1 = b
            return t1
        while True:
            t2 = a
            if t2 < 3:
                t2 = None
            else:
                t2 = None
                break
            t4 = a
            t4 += 1
            a = t4
            t4 = None
    "##);
}

#[test]
fn conditions_are_tested_once() {
    insta::assert_snapshot!(printed("def f(a, b):\n    if a and not b or 1 < a < b:\n        return a or b\n"), @r##"
    def f(a, b):
        t0: unbound; t1: unbound; t2: unbound; t3: unbound; t4: unbound; t5: unbound
        t0 = True
        t1 = False
        if a:
            t2 = not b
            if t2:
                t1 = True
        if t1:
            pass
        else:
            t3 = False
            if 1 < a:
                t3 = a < b
            if t3:
                pass
            else:
                t0 = False
        if t0:
            t5 = a
            if t5:
                pass
            else:
                t5 = None
                t5 = b
            return t5
    "##);
}

#[test]
fn free_variables_that_others_rebind_are_copied() {
    let source = "def f(x):\n    def g():\n        nonlocal x\n        x += 1\n        return x\n    return x + g()\n";
    insta::assert_snapshot!(printed(source), @r##"
    def f(x):
        g: unbound
        t0: unbound; app0: unbound; t1: unbound
        def g():
            nonlocal x
            x += 1
            return x
        t0 = x
        app0 = g()
        t1 = t0 + app0
        app0 = t0 = None
        return t1
    "##);
}

#[test]
fn text_that_stays_is_indented_anew() {
    let source = "def f(x):\n  try:\n    y = '''\n  text'''\n  finally: x.a = (1,\n 2)\n  return [z for z\n    in y]\n";
    insta::assert_snapshot!(printed(source), @r##"
    def f(x):
        y: unbound
        t0: unbound
        try:
          y = '''
      text'''
        finally: x.a = (1,
     2)
        t0 = ([z for z
        in y])
        return t0
    "##);
}

#[test]
fn functions_alone_have_bare_signatures() {
    let source =
        "import os\ndef f(a: int, /, b=os.sep, *c, d, e=2, **g) -> str:\n    'doc'\n    return a\nclass C: pass\n";
    insta::assert_snapshot!(print_functions(&module(source), &NoHooks).text, @r##"
    def f(a, /, b=None, *c, d, e=None, **g):
        'doc'
        return a
    "##);
}

#[test]
fn the_header_stands_behind_future_imports() {
    let source =
        "#!/usr/bin/python3\n'''doc'''\nfrom __future__ import annotations; x = 1\ndef f(y):\n    for z in y: pass\n";
    insta::assert_snapshot!(printed(source), @r##"
    #!/usr/bin/python3
    '''doc'''
    from __future__ import annotations; x = 1
    from builtins import iter as _up_iter, next as _up_next
    _up_end = object()
    def f(y):
        z: unbound
        iter0: unbound; item0: unbound
        iter0 = _up_iter(y)
        while True:
            item0 = _up_next(iter0, _up_end)
            if item0 is _up_end:
                break
            z = item0
            item0 = None
        iter0 = None
    "##);
}

#[test]
fn temporaries_take_no_name_of_the_source() {
    insta::assert_snapshot!(printed("def f(t0):\n    return app1(t0)[0]\n"), @r##"
    def f(t0):
        app_0: unbound; t_0: unbound
        app_0 = app1(t0)
        t_0 = app_0[0]
        app_0 = None
        return t_0
    "##);
}

#[test]
fn globals_are_known() {
    let source = "\
import os, a.b as c
A = 1
B = A * 2, 'x'
L = [1]
for i in L: J = i
if L: K = 1
def f():
    global D
    D = 1
class E: inner = 1
A2: int = -A
L = 2
";
    let globals = module(source).globals;
    insta::assert_debug_snapshot!(globals, @r##"
    Globals {
        bound_once: [
            "A",
            "A2",
            "B",
            "E",
            "K",
            "c",
            "f",
            "os",
        ],
        constants: [
            "A",
            "B",
            "A2",
        ],
        bound: [
            "A",
            "A2",
            "B",
            "D",
            "E",
            "J",
            "K",
            "L",
            "c",
            "f",
            "i",
            "os",
        ],
        declared: [
            "D",
        ],
        imports: [
            (
                "os",
                "os",
                None,
            ),
            (
                "c",
                "a.b",
                None,
            ),
        ],
        taken: [],
    }
    "##);
    let taken = |source: &str| module(source).globals.taken;
    let pair = |module: &str, name: &str| (module.to_owned(), name.to_owned());
    assert_eq!(
        taken("import a.b, c as d\ndef f():\n    a.b.g(d.h)\n"),
        [pair("a", "b"), pair("a.b", "g"), pair("c", "h")]
    );
    assert_eq!(taken("from a import b as e\nclass C(e.D): pass\n"), [pair("a", "b"), pair("a.b", "D")]);
    assert_eq!(taken("try:\n    from a import *\nexcept ImportError: pass\n"), [pair("a", "*")]);
}

#[test]
fn scopes_are_known() {
    let source = "\
def f(a, b):
    c = [a for d in b]
    def g(e):
        nonlocal c
        c, h = e, lambda: (a, e)
        return k
    global k
    k = g
    import m.n, o as p
    try: pass
    except E as q: pass
    with a as (r, s): (t := 1)
    del b
    return [u := v for v in c]
";
    let module = module(source);
    let (outer, inner) = (&module.functions[0], &module.functions[1]);
    let source_locals = |f: &upshift_frontend::normal::Function| {
        f.locals.iter().filter(|name| !f.temporaries.contains(name)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(source_locals(outer), ["c", "g", "m", "p", "q", "r", "s", "t", "u"]);
    assert_eq!((&outer.cells[..], &outer.globals[..]), (&["a", "c", "u"].map(String::from)[..], &["k".to_owned()][..]));
    assert_eq!((source_locals(inner), &inner.free[..]), (vec!["h".to_owned()], &["a", "c"].map(String::from)[..]));
    assert_eq!((&inner.nonlocals[..], &inner.cells[..]), (&["c".to_owned()][..], &["e".to_owned()][..]));
}

#[test]
fn items_cover_the_source_and_sites_are_unique() {
    let source = include_str!("../cases/programs.py");
    let module = module(source);
    let mut end = 0;
    for item in &module.items {
        let (Item::Function(_, range) | Item::Verbatim(range)) = item;
        assert_eq!(range.start, end);
        end = range.end;
    }
    assert_eq!(end, source.len());
    let mut sites: Vec<u32> = Vec::new();
    module.functions.iter().for_each(|f| {
        sites.push(f.site.0);
        sites.extend(f.params.iter().map(|param| param.site.0));
        collect(&f.body, &mut sites);
    });
    // Those of meanings are given out too, but nothing is observed at them.
    let count = sites.len();
    sites.sort_unstable();
    sites.dedup();
    assert_eq!(sites.len(), count);
    assert!(count > 100 && sites.last().is_some_and(|last| *last < module.sites));
}

fn collect(block: &[upshift_frontend::normal::Stmt], sites: &mut Vec<u32>) {
    for stmt in block {
        match &stmt.kind {
            StmtKind::Assign { site, .. }
            | StmtKind::Update { site, .. }
            | StmtKind::SetItem { site, .. }
            | StmtKind::Unpack { site, .. }
            | StmtKind::Opaque { site, .. } => sites.push(site.0),
            StmtKind::If { then, then_site, orelse, else_site, .. } => {
                sites.extend([then_site.0, else_site.0]);
                collect(then, sites);
                collect(orelse, sites);
            }
            StmtKind::While { next, body, body_site } => {
                sites.push(body_site.0);
                sites.extend(next.iter().map(|next| next.site.0));
                collect(body, sites);
            }
            _ => {}
        }
    }
}

#[test]
fn reasons_are_given() {
    let reason = |body: &str| {
        let module = module(&format!("def f(x):\n    {body}\n"));
        match &module.functions[0].body[0].kind {
            StmtKind::Opaque { reason, .. } => reason.clone(),
            StmtKind::Assign { value: upshift_frontend::normal::Expr::Opaque { reason, .. }, .. } => reason.clone(),
            other => panic!("rewritten: {other:?}"),
        }
    };
    assert_eq!(reason("with x: pass"), "with is kept as it is");
    assert_eq!(reason("y = x[1:]"), "a slice is kept as it is");
    assert_eq!(reason("yield x"), "a generator is kept as it is");
    assert_eq!(reason("return locals()"), "locals sees the variables of the function");
}

#[test]
fn errors_have_a_place() {
    let error = normalise("x = 1\ndef f(:\n    pass\n").expect_err("no Python");
    assert_eq!((error.line, error.column), (2, 6));
}

#[test]
fn deep_nesting_is_an_error_or_works() {
    let deep = |count: usize| format!("def f(x):\n    return {}x\n", "-".repeat(count));
    assert_eq!(module(&deep(2000)).functions[0].body.len(), 2001);
    assert_eq!(normalise(&deep(300_000)).expect_err("too deep").message, "nested too deeply");
    let chain = format!("def f(x):\n    if x == 0: return 0\n{}", "    elif x == 1: return 1\n".repeat(300));
    assert_eq!(module(&chain).functions[0].body.len(), 1);
    let all = format!("def f(x):\n    return {}x\n", "x and ".repeat(300));
    assert_eq!(module(&all).functions[0].body.len(), 2);
}

#[test]
fn constants_keep_their_values() {
    let module = module("\u{feff}def f(a=-1, b=2.5, c='x', d=[]): return 18446744073709551616\n");
    let defaults: Vec<String> = module.functions[0].params.iter().map(|param| format!("{:?}", param.default)).collect();
    insta::assert_debug_snapshot!(defaults, @r##"
    [
        "Const(Int(-1))",
        "Const(Float(FloatText(2.5)))",
        "Const(Str(\"x\"))",
        "Other",
    ]
    "##);
    let value = Const::BigInt("18446744073709551616".to_owned());
    assert!(
        matches!(&module.functions[0].body[0].kind, StmtKind::Return { value: v } if *v == upshift_frontend::normal::Atom::Const(value))
    );
}
