"""A form, field by field: small checks of small values."""
import re

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check(name, value, rule):
    if value is None or value == "":
        return f"{name} is missing" if rule.get("required") else None
    kind = rule["kind"]
    if kind == "text":
        if not isinstance(value, str) or len(value) > rule.get("most", 100):
            return f"{name} is too long"
    elif kind == "int":
        if not isinstance(value, int) or not rule["least"] <= value <= rule["most"]:
            return f"{name} must be from {rule['least']} to {rule['most']}"
    elif kind == "email":
        if not EMAIL.fullmatch(value):
            return f"{name} is no address"
    elif kind == "choice" and value not in rule["choices"]:
        return f"{name} must be one of {', '.join(rule['choices'])}"
    return None


def main(args):
    errors = {}
    for name, rule in args["rules"].items():
        error = check(name, args["form"].get(name), rule)
        if error:
            errors[name] = error
    return {"valid": not errors, "errors": errors}
