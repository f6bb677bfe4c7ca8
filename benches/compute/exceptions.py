"""Amounts in many spellings: exceptions raised and caught."""


class Invalid(ValueError):
    def __init__(self, field, text):
        super().__init__(f"{field}: {text!r} is no amount")
        self.field = field


def amount(field, text):
    try:
        value = int(text)
    except ValueError:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            raise Invalid(field, text) from None
    if value < 0:
        raise Invalid(field, text)
    return value


def main(args):
    total, errors, missing = 0, {}, 0
    for row in args["rows"]:
        try:
            total += amount("net", row["net"]) + amount("tax", row["tax"])
        except Invalid as error:
            errors[error.field] = errors.get(error.field, 0) + 1
        except KeyError:
            missing += 1
    return {"total": round(total, 2), "errors": errors, "missing": missing}
