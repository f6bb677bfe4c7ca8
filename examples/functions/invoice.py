FREE_SHIPPING = 50


def price(item, rate=0.19):
    return item["price"] * item.get("quantity", 1) * (1 + rate)


def main(args):
    total = 0.0
    reduced = args.get("reduced", False)
    for item in args["items"]:
        if reduced:
            total += price(item, rate=0.07)
        else:
            total += price(item)
    shipping = 0.0 if total >= FREE_SHIPPING else 4.95
    return {"total": total + shipping, "shipping": shipping, "lines": len(args["items"])}
