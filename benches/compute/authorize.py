"""Whether somebody may do something: a few look-ups."""

ROLES = {
    "admin": {"read", "write", "delete", "grant"},
    "editor": {"read", "write"},
    "viewer": {"read"},
}


def main(args):
    user, resource, action = args["user"], args["resource"], args["action"]
    if user.get("suspended"):
        return {"allowed": False, "reason": "suspended"}
    if resource.get("owner") == user["id"]:
        return {"allowed": True, "reason": "owner"}
    for role in user["roles"]:
        if action in ROLES.get(role, ()):
            return {"allowed": True, "reason": f"role {role}"}
    return {"allowed": False, "reason": "no role allows it"}
