# How a recorder's table stands in code until its constants are replaced: a constant that the compiler takes, in a
# frozenset, which has no subscripts that it could evaluate beforehand.
_TABLE = "upshift's table"
_IGNORED = ("ignore", None, Warning, None, 0)
# The names that printed functions have tables and the like under.
_TABLES = frozenset(("_up_hits", "_up_seen", "_up_iter", "_up_next", "_up_end"))
# Nodes that have no others, and no place.
_LEAVES = ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop
_VALUES = {"Subscript": ast.Subscript, "Attribute": ast.Attribute, "Call": ast.Call}


class _Observing:
    """Has a syntax tree, which has the source's positions, tell what its kept parts do.

    What observes a value is a subscript, `site[value]`: no call, no name, and no variable that the program could see.
    """

    def __init__(self, kept):
        # By the nodes' types; what stays as it is needs none.
        self._visits = {
            kind: getattr(self, "visit_" + name)
            for name, kind in vars(ast).items()
            if isinstance(kind, type) and hasattr(self, "visit_" + name)
        }
        self._values, self._names, self._params = {}, {}, {}
        for kind, place, site in kept["values"]:
            self._values.setdefault((_VALUES[kind], tuple(place)), []).append(site)
        for place, site in kept["names"]:
            self._names.setdefault(tuple(place), []).append(site)
        for place, params in kept["params"]:
            self._params[tuple(place)] = params

    def visit(self, node):
        """A node in the place of one, or several statements."""
        visit = self._visits.get(type(node))
        return self.generic_visit(node) if visit is None else visit(node)

    def generic_visit(self, node):
        # As `ast.NodeTransformer` has it, in half the time.
        held = node.__dict__
        for name, old in held.items():
            if type(old) is list:
                new = []
                for item in old:
                    item = self.visit(item) if isinstance(item, ast.AST) else item
                    if type(item) is list:
                        new += item
                    else:
                        new.append(item)
                old[:] = new
            elif isinstance(old, ast.AST) and not isinstance(old, _LEAVES):
                held[name] = self.visit(old)
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return self._observed(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node):
        self.generic_visit(node)
        return self._observed(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node):
        self.generic_visit(node)
        return self._observed(node)

    def visit_For(self, node):
        self.generic_visit(node)
        node.body[:0] = self._notes(node.target)
        return node

    def visit_With(self, node):
        self.generic_visit(node)
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
        node.body[:0] = [note for target in targets for note in self._notes(target)]
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        return [node, *(note for target in node.targets for note in self._notes(target))]

    def visit_comprehension(self, node):
        self.generic_visit(node)
        notes = self._notes(node.target)
        if notes:
            # A tuple of something is true.
            node.ifs.insert(0, _at(node.target, ast.Tuple([note.value for note in notes], ast.Load())))
        return node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        start = 0 if ast.get_docstring(node, False) is None else 1
        node.body[start:start] = [_at(node, ast.Expr(_look_at_name(site, name, node))) for name, site in self._of(node)]
        return node

    def visit_Lambda(self, node):
        self.generic_visit(node)
        body = node.body
        notes = [_look_at_name(site, name, body) for name, site in self._of(node)]
        if notes:
            all_of_it = _at(body, ast.Tuple([*notes, body], ast.Load()))
            node.body = _at(body, ast.Subscript(all_of_it, _at(body, ast.Constant(len(notes))), ast.Load()))
        return node

    def visit_MatchValue(self, node):
        # Patterns have no other expressions than those that they are written with.
        return node

    def visit_MatchClass(self, node):
        node.patterns = [self.visit(pattern) for pattern in node.patterns]
        node.kwd_patterns = [self.visit(pattern) for pattern in node.kwd_patterns]
        return node

    def visit_MatchMapping(self, node):
        node.patterns = [self.visit(pattern) for pattern in node.patterns]
        return node

    def _of(self, node):
        return self._params.get(_place(node), ())

    def _observed(self, node):
        for site in self._values.get((type(node), _place(node)), ()):
            node = _look(site, node, node)
        return node

    def _notes(self, target):
        """Statements that look at the names that a target binds."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return [note for part in target.elts for note in self._notes(part)]
        if isinstance(target, ast.Starred):
            return self._notes(target.value)
        if not isinstance(target, ast.Name):
            # Names in it are read, or are those of a comprehension of its own.
            return []
        sites = self._names.get(_place(target), ())
        return [_at(target, ast.Expr(_look_at_name(site, target.id, target))) for site in sites]


class _ObservingPrinted(_Observing):
    """The same of printed functions, which have the tables under names."""

    def visit_Subscript(self, node):
        if isinstance(node.value, ast.Name) and node.value.id == "_up_seen":
            return _table(node, "_up_seen", node.slice.value)
        return super().visit_Subscript(node)

    def visit_Name(self, node):
        return _table(node, node.id) if node.id in _TABLES else node


def _place(node):
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _at(origin, node):
    """A new node, at the place of another."""
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = _place(origin)
    return node


def _table(origin, *key):
    return _at(origin, ast.Constant(frozenset(((_TABLE, *key),))))


def _look(site, value, origin):
    return _at(origin, ast.Subscript(_table(origin, "_up_seen", site), value, ast.Load()))


def _look_at_name(site, name, origin):
    return _look(site, _at(origin, ast.Name(name, ast.Load())), origin)


def _observed_code(tree, observing, filename, flags):
    """The code of a tree that `observing` has rewritten, which observes by constants that stand for tables; see `_filled`."""
    tree = _deeply(observing.visit, tree)
    return _deeply(_quietly, compile, tree, filename, "exec", flags=flags, dont_inherit=True)


def _deeply(walk, *args, **kwargs):
    """Walks a tree, which takes two frames for each of its levels; there are 3,000 at most, or it had not been loaded."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit + 8_000, 2**31 - 1))
    try:
        return walk(*args, **kwargs)
    finally:
        sys.setrecursionlimit(limit)


def _quietly(do, *args, **kwargs):
    """Does it without the source's own warnings, which were shown when it was loaded.

    Not by `catch_warnings`, after which warnings count as never shown.
    """
    filters = warnings.filters
    filters.insert(0, _IGNORED)
    try:
        return do(*args, **kwargs)
    finally:
        filters.remove(_IGNORED)


def _filled(code, tables):
    """The same code with the tables themselves as its constants."""

    def const(value):
        if type(value) is types.CodeType:
            return _filled(value, tables)
        if type(value) is frozenset and len(value) == 1:
            (key,) = value
            if type(key) is tuple and key[:1] == (_TABLE,):
                table = tables[key[1]]
                return table[key[2]] if len(key) == 3 else table
        return value

    return code.replace(co_consts=tuple(map(const, code.co_consts)))
