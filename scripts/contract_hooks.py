"""What schemathesis has to be helped with, and stopped from; scripts/contract hands this file over."""

import os
import random
import uuid

import schemathesis
from schemathesis.generation.meta import TestPhase

# Enough to combine filters with each other, with a sort and with a page.
MOST_PARAMETERS = 6

# The coverage phase makes headers of letters and digits alone, never of quotes, and the others make tags that no row has:
# nothing would ever be changed.
CONDITIONS = {"If-Match": "*", "If-None-Match": '"2"'}


@schemathesis.hook
def filter_case(context, case):
    """Drops what would end the admin whom all requests come from."""
    admin = (case.path_parameters or {}).get("user_id") == os.environ["ALBEDO_CONTRACT_ADMIN"]
    return not (admin and case.method.upper() in ("PATCH", "DELETE"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes requests that fit the document into some that reach the database, where the document cannot say how."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    for name, condition in CONDITIONS.items():
        if name in (case.headers or {}):
            case.headers[name] = condition
    # A key stands for one request; the document's own example is sent with many.
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # What was on trial is not there for the requests that follow, nor gone.
    if case.meta.phase.name == TestPhase.STATEFUL:
        (case.query or {}).pop("dry_run", None)
    # Cursors are given out, never made up; and a walk has no numbered pages.
    if "cursor" in (case.query or {}):
        case.query["cursor"] = ""
        case.query.pop("page", None)
    # Left alone, schemathesis asks a list for nearly everything at once, which is refused as too much. The choice hangs on
    # the values, so that a case that is sent again is the same case.
    if len(case.query or {}) > MOST_PARAMETERS:
        chosen = random.Random(repr(sorted(case.query.items()))).sample(sorted(case.query), MOST_PARAMETERS)
        case.query = {name: value for name, value in case.query.items() if name in chosen}
