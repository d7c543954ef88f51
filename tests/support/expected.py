"""The files in events/, and the answer that each is named after: <route>-<status>[-<variant>].json; and the scheduler's."""

from program import ROOT

EVENTS = sorted((ROOT / "events").glob("*-*.json"))
SWEEP = ROOT / "events" / "sweep.json"
STATUSES = {
    200: ["success", "vbankIssued", "pending", "failed", "cancelled", "partiallyCancelled", "ignored"],
    400: ["forgery", "badRequest"],
    404: ["orderNotFound", "paymentNotFound", "notFound"],
    405: ["methodNotAllowed"],
    409: ["duplicatePayment"],
    500: ["misconfigured"],
    503: ["unavailable"],
}
CODES = {status: code for code, statuses in STATUSES.items() for status in statuses}
