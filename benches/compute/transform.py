"""A nested document made into another: JSON in, JSON out."""


def convert(node, depth=0):
    if isinstance(node, dict):
        return {key.replace("_", "-"): convert(value, depth + 1) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [convert(item, depth + 1) for item in node]
    if isinstance(node, str):
        return node.strip()
    if isinstance(node, bool):
        return int(node)
    return node


def main(args):
    return {"document": convert(args["document"]), "version": 2}
