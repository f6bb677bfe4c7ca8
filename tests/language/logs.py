# What is written to stdout and stderr, and `logging`: every line on its stream, in order.

import sys
def streams(name):
    print("to stdout", end=" ")
    print("to stderr", name, file=sys.stderr)
    print("rest")
    count = sys.stderr.write(f"raw {name}\npart")
    sys.stdout.writelines(["a\n", "b"])
    sys.stdout.flush()
    print(name, sep="", end="", file=None, flush=True)
    return [count, sys.stdout.isatty(), sys.stderr.encoding, sys.stdout is sys.stdout, sys.stderr is sys.stdout]

#: streams ["x"]
#: streams ["é\n\n"]
# ---
import logging
import sys
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-8s [%(name)s] %(message)s", datefmt="%H:%M")
logger = logging.getLogger(__name__)
audit = logging.getLogger("app.audit")
audit.setLevel("DEBUG")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(levelname)s:%(levelno)d:%(message)s"))
audit.addHandler(handler)
audit.propagate = False
def configured(name, count):
    logger.info("hello %s, %d", name, len(name))
    logger.debug("not shown %s", name)
    logger.warning(f"{name} 100%")
    logger.error("%(who)s again", {"who": name})
    logger.critical({"name": name})
    logger.log(25, "between %r", name, stacklevel=2)
    audit.debug("audit %s", name)
    audit.getChild("deep").info("deeper %05.2f", count, exc_info=False)
    logging.info("root %s", [count, name])
    same = [logging.getLogger("app.audit") is audit, logging.getLogger() is logging.getLogger("root"), logger.name]
    levels = [audit.level, logger.level, logger.getEffectiveLevel(), logging.getLevelName(20), logging.getLevelName(21)]
    return same + levels + [logger.isEnabledFor(10), audit.hasHandlers(), len(audit.handlers), logging.getLevelName("INFO")]

#: configured ["anna", 1]
#: configured ["", 2.5]
# ---
import logging
def unconfigured(n):
    log = logging.getLogger("some.where")
    log.info("not shown")
    log.error("the last resort %s", n)
    if n > 1:
        logging.info("sets the root up")
        logging.warning("careful %s", n)
    if n == 3:
        log.setLevel(logging.DEBUG)
    if n == 5:
        logging.disable(logging.WARNING)
    if n == 7:
        logging.disable(logging.NOTSET)
        logging.getLogger().setLevel("ERROR")
    log.debug("debug %s", n)
    logging.warning("at the end")
    try:
        log.setLevel("LOUD")
    except ValueError as error:
        return [log.level, str(error)]

#: unconfigured [1]
#: unconfigured [2]
#: unconfigured [3]
#: unconfigured [4]
#: unconfigured [5]
#: unconfigured [6]
#: unconfigured [7]
#: unconfigured [8]
# ---
def set_up_by_a_call(n):
    import logging
    log = logging.getLogger("own")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setLevel(logging.INFO)
        handler.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.DEBUG)
        log.propagate = n < 3
    log.info("handled %s", n)
    log.debug("too low for the handler")
    return len(log.handlers)

#: set_up_by_a_call [1]
#: set_up_by_a_call [2]
#: set_up_by_a_call [3]
