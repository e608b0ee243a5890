"""What schemathesis has to be stopped from: scripts/contract hands it over."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """Drops `0` as an entity tag. The coverage phase makes headers of letters and digits alone, never of quotes, and falls
    back to this one as if the pattern allowed it."""
    headers = case.headers or {}
    return "0" not in (headers.get("If-Match"), headers.get("If-None-Match"))
