"""Gives the nodes of printed Python the positions of its source, as a worker does before it compiles.

Origins are lists: ["span", l, c, el, ec], ["call", four of the call, four of the callee],
["verbatim", line, shift], ["generated"]; one for each line of the text.
"""
import ast


def spans(node, four):
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = four


def relocate(text, origins):
    tree = ast.parse(text)
    callees = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and origins[node.lineno - 1][0] == "call":
            for part in ast.walk(node.func):
                callees[part] = origins[node.lineno - 1][5:]
    last = 1
    for node in ast.walk(tree):
        if not hasattr(node, "lineno"):
            continue
        start, end = origins[node.lineno - 1], origins[node.end_lineno - 1]
        if node in callees:
            spans(node, callees[node])
        elif start[0] in ("span", "call"):
            spans(node, start[1:5])
        elif start[0] == "verbatim":
            node.lineno, node.col_offset = start[1], max(0, node.col_offset + start[2])
            if end[0] == "verbatim":
                node.end_lineno, node.end_col_offset = end[1], max(0, node.end_col_offset + end[2])
            elif end[0] in ("span", "call"):
                node.end_lineno, node.end_col_offset = end[3], end[4]
            else:
                node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
            if (node.end_lineno, node.end_col_offset) < (node.lineno, node.col_offset):
                node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
        else:
            spans(node, (last, 0, last, 0))
        last = node.lineno
    return tree
