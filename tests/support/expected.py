"""The files in events/, and the answer that each is named after: <route>-<status>[-<variant>].json; and the scheduler's."""

from program import ROOT

EVENTS = sorted((ROOT / "events").glob("*-*.json"))
SWEEP = ROOT / "events" / "sweep.json"
STATUSES = {
    200: ["success", "vbankIssued", "pending", "failed", "cancelled", "partiallyCancelled", "ignored", "prepared", "confirmed"],
    400: ["forgery", "badRequest"],
    404: ["orderNotFound", "paymentNotFound", "notFound"],
    405: ["methodNotAllowed"],
    409: ["duplicatePayment", "orderClosed"],
    500: ["misconfigured"],
    503: ["unavailable"],
}
CODES = {status: code for code, statuses in STATUSES.items() for status in statuses}


def named(path):
    """What a file is named after: the route, and the answer's code and status there. A browser is always sent on."""
    route, status = path.stem.split("-")[:2]
    return route, 303 if route == "redirect" and status != "methodNotAllowed" else CODES[status], status
