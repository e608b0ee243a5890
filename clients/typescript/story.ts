// What most programs do with the API, against a running server: ALBEDO_URL=http://localhost:4000 npm run story

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { albedo, type Session } from "./client.js";

const session: Session = {};
const api = albedo(process.env["ALBEDO_URL"] ?? "http://localhost:4000", session);

// Register and log in.
const email = `${randomUUID()}@example.com`;
const password = `violet anchor ${randomUUID()}`;
const registered = await api.POST("/api/v1/auth/register", { body: { email, password } });
assert.equal(registered.response.status, 201);
assert.equal(registered.data?.email, email);
const login = await api.POST("/api/v1/auth/login", { body: { email, password } });
assert(login.data !== undefined, JSON.stringify(login.error));
session.token = login.data.access_token;

// Create, and hear of everything that is wrong.
const created = await api.POST("/api/v1/assistants", { body: { name: "Travel desk", language: "en-GB" } });
assert.equal(created.response.status, 201);
assert(created.data !== undefined);
const { id } = created.data;
const refused = await api.POST("/api/v1/assistants", { body: { name: "", temperature: 3 } });
assert.equal(refused.response.status, 422);
assert.deepEqual(refused.error?.errors?.map((fault) => fault.pointer).sort(), ["/name", "/temperature"]);

// List.
const listed = await api.GET("/api/v1/assistants", { params: { query: { q: "travel", sort: ["-created_at"] } } });
assert.deepEqual(listed.data?.items.map((assistant) => assistant.id), [id]);

// Change what was seen, and nothing else.
const tag = created.response.headers.get("etag") ?? "";
const row = { assistant_id: id };
const patch = { description: "Books trains and hotels." };
const headers = { "content-type": "application/merge-patch+json" };
const changed = await api.PATCH("/api/v1/assistants/{assistant_id}", {
  params: { path: row, header: { "If-Match": tag } },
  body: patch,
  headers,
});
assert.equal(changed.data?.description, patch.description);
assert.equal(changed.data.version, created.data.version + 1);
const late = await api.PATCH("/api/v1/assistants/{assistant_id}", {
  params: { path: row, header: { "If-Match": tag } },
  body: { description: null },
  headers,
});
assert.equal(late.response.status, 412);
assert.equal(late.error?.status, 412);

// Delete.
const deleted = await api.DELETE("/api/v1/assistants/{assistant_id}", { params: { path: row } });
assert.equal(deleted.response.status, 204);
const gone = await api.GET("/api/v1/assistants/{assistant_id}", { params: { path: row } });
assert.equal(gone.error?.status, 404);

console.log("typescript: registered, logged in, created, listed, changed, deleted");
