// A client of the Albedo API: every path, parameter, body and answer is typed by the server's own document.

import createClient, { type Client, type Middleware } from "openapi-fetch";

import type { paths } from "./generated/schema.js";

export type Albedo = Client<paths>;

/** Signs what is sent, once there is a token. */
export interface Session {
  token?: string;
}

/** Calls the server at an address such as `http://localhost:4000`, as whom the session says at the time. */
export function albedo(baseUrl: string, session: Session = {}): Albedo {
  // Several values of one parameter stand between commas: `sort=-name,created_at`.
  const client = createClient<paths>({ baseUrl, querySerializer: { array: { style: "form", explode: false } } });
  const sign: Middleware = {
    onRequest({ request }) {
      if (session.token !== undefined) {
        request.headers.set("authorization", `Bearer ${session.token}`);
      }
      return request;
    },
  };
  client.use(sign);
  return client;
}
