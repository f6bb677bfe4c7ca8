"""Objects that tell when they are looked at; a call that is traced must leave the log as empty as one that is not."""

import builtins

LOG = []


class Meta(type):
    def __hash__(cls):
        LOG.append("hash")
        return 1

    def __eq__(cls, other):
        LOG.append("eq")
        return cls is other

    def __getattribute__(cls, name):
        LOG.append("get " + name)
        return type.__getattribute__(cls, name)

    @property
    def __module__(cls):
        LOG.append("module")
        return "elsewhere"


class Made(metaclass=Meta):
    pass


class Liar:
    @property
    def __class__(self):
        LOG.append("class")
        return int

    @property
    def __dict__(self):
        LOG.append("dict")
        return {}

    def method(self):
        return 1


class Asked:
    def __getattr__(self, name):
        LOG.append("getattr " + name)
        raise AttributeError(name)

    def method(self):
        return 2


def __getattr__(name):
    LOG.append("module " + name)
    raise AttributeError(name)


THINGS = [Made, Made(), Liar(), Asked()]
LYING = Liar().method
METHOD = Asked().method
MADE = Made()
_sorted = sorted


def _telling(*arguments, **keywords):
    LOG.append("sorted")
    return _sorted(*arguments, **keywords)


builtins.sorted = _telling
LOG.clear()


def main(args):
    used = {"things": lambda: len(THINGS), "lying": lambda: LYING(), "method": lambda: METHOD(), "made": lambda: MADE is None, "nothing": lambda: 0}
    return {"log": list(LOG), "used": used[args["what"]]()}
