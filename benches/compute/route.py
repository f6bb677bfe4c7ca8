"""Which handler a request goes to: strings taken apart and compared."""


def match(pattern, parts):
    wanted = pattern.strip("/").split("/")
    if len(wanted) != len(parts):
        return None
    variables = {}
    for want, have in zip(wanted, parts):
        if want.startswith(":"):
            variables[want[1:]] = have
        elif want != have:
            return None
    return variables


def main(args):
    path, _, query = args["url"].partition("?")
    parts = path.strip("/").split("/")
    parameters = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            parameters.setdefault(name, []).append(value)
    for route in args["routes"]:
        if route["method"] == args["method"]:
            variables = match(route["path"], parts)
            if variables is not None:
                return {"handler": route["handler"], "variables": variables, "parameters": parameters}
    return {"handler": None, "status": 404}
