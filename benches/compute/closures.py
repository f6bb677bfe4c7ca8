"""Prices by rules that are made of functions: closures and calls of values."""


def percentage(rate):
    def rule(price, quantity):
        return price * (1 - rate)

    return rule


def from_quantity(least, inner):
    def rule(price, quantity):
        if quantity >= least:
            return inner(price, quantity)
        return price

    return rule


def chain(rules):
    def rule(price, quantity):
        for one in rules:
            price = one(price, quantity)
        return price

    return rule


def counter():
    count = 0

    def add(by):
        nonlocal count
        count += by
        return count

    return add


def main(args):
    price_of = chain([percentage(0.05), from_quantity(10, percentage(0.1)), from_quantity(100, percentage(0.2))])
    add = counter()
    total = 0.0
    for price, quantity in args["lines"]:
        total += price_of(price, quantity) * quantity
        add(quantity)
    return {"total": round(total, 2), "quantity": add(0)}
