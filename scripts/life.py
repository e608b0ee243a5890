"""The life of a row over HTTP, from its making to its end, with the refusals on its way; and what the document says of it."""

import dataclasses
import http.client
import json


@dataclasses.dataclass
class Life:
    """What differs from resource to resource."""

    path: str
    """The path of its list, as the document has it."""
    bodies: list
    """Two rows, in the order of what is unique among them."""
    unique: str
    wrong: dict
    """Values that are refused, each of them."""
    change: dict
    only_second: str
    """A filter that the second row alone passes."""
    leads_to: str = ""
    """A relation, and the column that ends with `_id`."""
    parent: str = ""
    """The id of the row that it is below."""
    owned: bool = True
    restored: bool = False
    wants_if_match: bool = False

    @property
    def list(self):
        return self.path.replace("{assistant_id}", self.parent)


class Client:
    """Somebody who is signed in."""

    def __init__(self, url, name):
        self.address, self.headers = url.removeprefix("http://"), {"content-type": "application/json"}
        account = {"email": f"{name}@example.com", "password": "violet anchor ribbon 42"}
        self.ask(201, "POST", "/auth/register", account)
        grant, _ = self.ask(200, "POST", "/auth/login", account)
        self.headers["authorization"] = f"Bearer {grant['access_token']}"

    def ask(self, status, method, path, body=None, **headers):
        """The JSON of the answer, and its headers. It is an error if the status is another one."""
        headers = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        holds(answer.status == status, f"{method} {path} is {answer.status}, not {status}", text.decode())
        return json.loads(text) if text else None, answer.headers


def holds(fact, what, seen):
    if not fact:
        raise AssertionError(f"{what}: {seen}")


def live(url, of):
    """All of it, for the resource that `of` tells the life of."""
    ada, eve = Client(url, f"ada.{of.__name__}"), Client(url, f"eve.{of.__name__}")
    life = of(ada)
    (row, _), tag, path = row_and_refusals(ada, life)
    lists(ada, life, row)
    ada.ask(304, "GET", path, if_none_match=tag)
    changed, headers = ada.ask(200, "PATCH", path, life.change, if_match=tag)
    holds(changed == {**row, **life.change, "version": 2, "updated_at": changed["updated_at"]}, "a changed row", changed)
    ada.ask(412, "PATCH", path, life.change, if_match=tag)
    if life.wants_if_match:
        ada.ask(428, "PATCH", path, life.change)
    if life.owned:
        eve.ask(404, "GET", path)
    ada.ask(204, "DELETE", path, if_match=headers["etag"])
    ada.ask(404, "GET", path)
    if life.restored:
        back, _ = ada.ask(200, "POST", f"{path}/restore")
        holds((back["id"], back["deleted_at"]) == (row["id"], None), "a row that came back", back)
    document(ada, life)


def row_and_refusals(ada, life):
    """The two rows, the first one's tag and path, and what is refused to be one."""
    first, headers = ada.ask(201, "POST", life.list, life.bodies[0])
    second, _ = ada.ask(201, "POST", life.list, life.bodies[1])
    path = headers["location"].removeprefix("/api/v1")
    holds(path == f"{life.list}/{first['id']}", "where a new row is", path)
    taken, _ = ada.ask(409, "POST", life.list, life.bodies[0])
    holds([fault["code"] for fault in taken["errors"]] == ["taken"], "a conflict names its field", taken)
    told, _ = ada.ask(422, "POST", life.list, {**life.bodies[0], **life.wrong})
    holds({fault["pointer"] for fault in told["errors"]} == {f"/{name}" for name in life.wrong}, "every fault is told", told)
    return (first, second), headers["etag"], path


def lists(ada, life, first):
    """Filtered, searched, and walked by cursor in the order of what is unique, the last one first."""
    one, other = (body[life.unique] for body in life.bodies)
    page, _ = ada.ask(200, "GET", f"{life.list}?{life.only_second}&sort=-created_at")
    holds([row[life.unique] for row in page["items"]] == [other] and page["total"] == 1, life.only_second, page)
    page, _ = ada.ask(200, "GET", f"{life.list}?q={one.upper()}")
    holds(page["items"] == [first], f"q={one.upper()}", page)
    walked, page = [], {"next": f"{life.list}?sort=-{life.unique}&size=1&cursor="}
    while page["next"]:
        page, _ = ada.ask(200, "GET", page["next"])
        walked += [row[life.unique] for row in page["items"]]
    holds(walked == [other, one], "a walk by cursor", walked)
    if life.leads_to:
        page, _ = ada.ask(200, "GET", f"{life.list}?expand={life.leads_to}")
        shown = all(row[life.leads_to]["id"] == row[f"{life.leads_to}_id"] for row in page["items"])
        holds(shown, f"expand={life.leads_to}", page)
    told, _ = ada.ask(400, "GET", f"{life.list}?nope=1&sort=nope")
    holds(len(told["errors"]) == 2, "both faults of a query", told)


def document(ada, life):
    """Whether the document has all operations."""
    told, _ = ada.ask(200, "GET", "/api/openapi.json")
    path = f"/api/v1{life.path}"
    there = {at.removeprefix(path): sorted(verbs) for at, verbs in told["paths"].items() if at.startswith(path)}
    row = next(at for at in there if at.endswith("_id}"))
    wanted = {"": ["get", "post"], row: ["delete", "get", "patch"], "/bulk": ["post"]}
    if life.restored:
        wanted[f"{row}/restore"] = ["post"]
    holds(all(there.get(at) == verbs for at, verbs in wanted.items()), "operations in the document", there)
