"""Orders grouped by customer: records in, records out."""


def main(args):
    groups = {}
    for order in args["orders"]:
        if order["status"] == "cancelled":
            continue
        group = groups.setdefault(order["customer"], {"orders": 0, "total": 0.0, "items": {}})
        group["orders"] += 1
        group["total"] += order["price"] * order["quantity"]
        items = group["items"]
        items[order["item"]] = items.get(order["item"], 0) + order["quantity"]
    for group in groups.values():
        group["total"] = round(group["total"], 2)
    return {"groups": groups}
