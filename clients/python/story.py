"""What most programs do with the API, against a running server: ALBEDO_URL=http://localhost:4000 python story.py"""

import os
import uuid

from albedo_client import AuthenticatedClient, Client
from albedo_client.api.assistants import assistants_create, assistants_delete, assistants_get, assistants_list
from albedo_client.api.assistants import assistants_update
from albedo_client.api.auth import auth_login, auth_register
from albedo_client.models import Assistant, AssistantPage, CreateAssistant, Grant, Login, Problem
from albedo_client.models import Register, UpdateAssistant, User

URL = os.environ.get("ALBEDO_URL", "http://localhost:4000")


def main() -> None:
    # Register and log in.
    email, password = f"{uuid.uuid4()}@example.com", f"violet anchor {uuid.uuid4()}"
    stranger = Client(base_url=URL)
    user = auth_register.sync(client=stranger, body=Register(email=email, password=password))
    assert isinstance(user, User) and user.email == email, user
    grant = auth_login.sync(client=stranger, body=Login(email=email, password=password))
    assert isinstance(grant, Grant), grant
    client = AuthenticatedClient(base_url=URL, token=grant.access_token)

    # Create, and hear of everything that is wrong.
    created = assistants_create.sync_detailed(client=client, body=CreateAssistant(name="Travel desk", language="en-GB"))
    assistant = created.parsed
    assert created.status_code == 201 and isinstance(assistant, Assistant), created
    refused = assistants_create.sync(client=client, body=CreateAssistant(name="", temperature=3))
    assert isinstance(refused, Problem) and refused.status == 422, refused
    assert refused.errors and sorted(str(fault.pointer) for fault in refused.errors) == ["/name", "/temperature"], refused

    # List.
    page = assistants_list.sync(client=client, q="travel")
    assert isinstance(page, AssistantPage) and [item.id for item in page.items] == [assistant.id], page

    # Change what was seen, and nothing else.
    tag = created.headers["etag"]
    patch = UpdateAssistant(description="Books trains and hotels.")
    changed = assistants_update.sync(assistant.id, client=client, body=patch, if_match=tag)
    assert isinstance(changed, Assistant) and changed.description == patch.description, changed
    assert changed.version == assistant.version + 1, changed
    late = assistants_update.sync(assistant.id, client=client, body=UpdateAssistant(description=None), if_match=tag)
    assert isinstance(late, Problem) and late.status == 412, late

    # Delete.
    assert assistants_delete.sync_detailed(assistant.id, client=client).status_code == 204
    gone = assistants_get.sync(assistant.id, client=client)
    assert isinstance(gone, Problem) and gone.status == 404, gone
    print("python: registered, logged in, created, listed, changed, deleted")


if __name__ == "__main__":
    main()
