# Exceptions (the third seed's section 5.1.11): raising, catching, chaining, cleaning up.

class Broken(ValueError):
    def __init__(self, what, code=1):
        super().__init__(f"{what} is broken")
        self.code = code

class Worse(Broken):
    pass

def risky(k):
    if k == 0:
        raise Broken("zero")
    if k == 1:
        raise Worse("one", code=5) from KeyError("cause")
    if k == 2:
        return {}["missing"]
    if k == 3:
        return int("three")
    if k == 4:
        return [][4]
    if k == 5:
        return None.nothing
    if k == 6:
        assert k != 6, ["six"]
    if k == 7:
        raise StopIteration("seven")
    if k == 8:
        raise NotImplementedError
    return k

def caught(k):
    log = []
    try:
        try:
            log.append(risky(k))
        except Worse as error:
            log.append(["worse", str(error), error.code, repr(error.__cause__)])
            raise
        except Broken as error:
            log.append(["broken", str(error), error.args])
        except (KeyError, IndexError) as error:
            log.append([type(error).__name__, str(error)])
        else:
            log.append("else")
        finally:
            log.append("finally")
    except Exception as error:
        log.append([repr(error), isinstance(error, ValueError)])
    return log

#: caught [0]
#: caught [1]
#: caught [2]
#: caught [3]
#: caught [4]
#: caught [5]
#: caught [6]
#: caught [7]
#: caught [8]
#: caught [9]
# ---
class Managed:
    def __init__(self, log, swallow):
        self.log, self.swallow = log, swallow

    def __enter__(self):
        self.log.append("enter")
        return self

    def __exit__(self, kind, value, trace):
        self.log.append(None if kind is None else kind.__name__)
        return self.swallow

def managed(fail, swallow):
    log = []
    try:
        with Managed(log, swallow) as outer, Managed(log, False):
            if fail:
                raise KeyError(fail)
            log.append(outer is not None)
    except KeyError as error:
        log.append(repr(error))
    return log

#: managed [null, true]
#: managed ["k", true]
#: managed ["k", false]
# ---
def flow(n):
    out = []
    for i in range(n):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append(-i)
    def early():
        try:
            return "try"
        finally:
            out.append("f")
    out.append(early())
    try:
        try:
            1 // 0
        except ZeroDivisionError as error:
            raise RuntimeError("again") from error
    except RuntimeError as error:
        out.append([str(error), repr(error.__cause__), repr(error.__context__)])
    return out

#: flow [5]
