/** The server's API, typed by its schema. One client per person: the token is part of it. */
import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Api = Client<paths>

/** What a refusal looks like (RFC 9457): a stable code, a sentence in the reader's language, faults by field. */
export interface Problem {
  code: string
  title: string
  status: number
  detail?: string
  errors?: { field: string; code: string; message: string }[]
}

/** Thrown by `said` when the server refused; `problem` says why. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
  }
}

/** Thrown when no answer of this server came: no signal, a gateway's page, a captive portal. */
export class Unreachable extends Error {}

export function isProblem(body: unknown): body is Problem {
  const said = body as Problem | null
  return typeof said === 'object' && said !== null && typeof said.code === 'string' && typeof said.status === 'number'
}

/** The data of an answer, or `Refused`, or `Unreachable`. */
export async function said<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer
  try {
    answer = await call
  } catch {
    throw new Unreachable()
  }
  if (answer.error !== undefined) throw isProblem(answer.error) ? new Refused(answer.error) : new Unreachable()
  const { ok, status, headers } = answer.response
  // A portal's page is no JSON of this server, whatever its status; a gateway's refusal may have no body at all.
  if (!ok || (status !== 204 && !(headers.get('content-type') ?? '').includes('json'))) throw new Unreachable()
  return answer.data as T
}

export interface Reach {
  /** The origin of the server; the page's own unless said. */
  server?: string
  fetch?: (request: Request) => Promise<Response>
}

/** A client that bears the person's token and asks for the language shown. */
export function apiFor(token: string | null, language: () => string, { server, fetch }: Reach = {}): Api {
  const client = createClient<paths>({ baseUrl: server ?? location.origin, fetch })
  client.use({
    onRequest({ request }) {
      if (token) request.headers.set('Authorization', `Token ${token}`)
      request.headers.set('Accept-Language', language())
      return request
    },
  })
  return client
}
