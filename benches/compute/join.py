"""Orders joined with their customers and products, sorted and summed up: records."""


def main(args):
    customers = {customer["id"]: customer for customer in args["customers"]}
    products = {product["sku"]: product for product in args["products"]}
    rows = []
    for order in args["orders"]:
        customer = customers.get(order["customer"])
        product = products.get(order["sku"])
        if customer is None or product is None:
            continue
        rows.append(
            {
                "name": customer["name"],
                "country": customer["country"],
                "product": product["title"],
                "amount": product["price"] * order["quantity"],
            }
        )
    rows.sort(key=lambda row: (row["country"], -row["amount"], row["name"]))
    by_country = {}
    for row in rows:
        by_country[row["country"]] = by_country.get(row["country"], 0) + row["amount"]
    return {"rows": rows[:20], "count": len(rows), "by_country": by_country}
