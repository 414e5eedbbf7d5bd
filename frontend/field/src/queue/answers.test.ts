import { describe, expect, it } from 'vitest'
import { judge, unreached, type Named } from './answers'

const JSON_TYPE = 'application/json'
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': JSON_TYPE, ...headers } })
const page = (status: number, text = '<html>请先登录</html>', headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : text, { status, headers: { 'Content-Type': 'text/html', ...headers } })
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  answer(
    status,
    { type: `urn:gridwhistle:problem:${code}`, title: '服务器说的话', status, code },
    {
      'Content-Type': 'application/problem+json',
      ...headers,
    },
  )

const kind = async (body: unknown, named: Named) => (await judge(answer(200, body), named)).kind

describe('an answer counts where it names what was sent', () => {
  it.each([
    [{ id: 'a' }, { id: 'a' }, 'taken'],
    [{ id: 7 }, { id: '7' }, 'taken'],
    [{ id: 'b' }, { id: 'a' }, 'later'],
    [{ id: 7, household: { id: 'h1' } }, { id: 'h1', at: ['household', 'id'] }, 'taken'],
    [{ id: 'h1' }, { id: 'h1', at: ['household', 'id'] }, 'later'],
    [{ household: null }, { id: 'h1', at: ['household', 'id'] }, 'later'],
    [{ sha256: 'ff' }, { sha256: 'ff' }, 'taken'],
    [null, { id: 'undefined' }, 'later'],
    [{}, { id: 'undefined' }, 'later'],
    ['portal', { id: 'a' }, 'later'],
  ] as [unknown, Named, string][])('%j to %j is %s', async (body, named, outcome) => {
    expect(await kind(body, named)).toBe(outcome)
  })
})

/** Shown as: what is done · why, by code · for the whole queue · after how many milliseconds. */
const CASES: [string, () => Response, string][] = [
  ['201', () => answer(201, { id: 'a' }), 'taken'],
  ['200 on a repeat', () => answer(200, { id: 'a' }), 'taken'],
  ['200 as HTML', () => page(200), 'later · portal · link'],
  ['200 as HTML that holds the answer', () => page(200, '{"id": "a"}'), 'later · portal · link'],
  ['200 as JSON of somebody else', () => answer(200, { ok: true }), 'later · portal · link'],
  ['200 as broken JSON', () => page(200, '{"id": "a"', { 'Content-Type': JSON_TYPE }), 'later · portal · link'],
  ['204', () => page(204), 'later · portal · link'],
  ['302', () => page(302, '', { Location: 'http://portal.example/' }), 'later · portal · link'],
  ['511', () => page(511), 'later · portal · link'],
  ['400', () => problem(400, 'invalid'), 'refused · invalid'],
  ['403', () => problem(403, 'forbidden'), 'refused · forbidden'],
  ['404', () => problem(404, 'not_found'), 'refused · not_found'],
  ['409', () => problem(409, 'stale_version'), 'refused · stale_version'],
  ['413', () => problem(413, 'body_too_large'), 'refused · body_too_large'],
  ['415', () => problem(415, 'unsupported_media_type'), 'refused · unsupported_media_type'],
  ['422', () => problem(422, 'invalid'), 'refused · invalid'],
  ['404 as HTML', () => page(404), 'later · gateway · link'],
  ['413 of a gateway', () => page(413), 'later · gateway · link'],
  ['403 as JSON of somebody else', () => answer(403, { message: 'denied' }), 'later · gateway · link'],
  ['a problem that is not of this status', () => answer(403, { code: 'x', status: 400 }), 'later · gateway · link'],
  ['401', () => problem(401, 'bad_token'), 'signedOut · bad_token'],
  ['401 of a gateway', () => page(401), 'later · gateway · link'],
  ['408', () => problem(408, 'timeout'), 'later · timeout · link'],
  ['429', () => problem(429, 'throttled', { 'Retry-After': '17' }), 'later · throttled · link · 17000'],
  ['429 of a gateway', () => page(429, '', { 'Retry-After': '9' }), 'later · gateway · link · 9000'],
  ['500 of this server', () => problem(500, 'internal'), 'later · internal'],
  ['503 of this server', () => problem(503, 'busy', { 'Retry-After': '2' }), 'later · busy · link · 2000'],
  [
    '503 with a date',
    () => page(503, '', { 'Retry-After': 'Thu, 26 Nov 2026 06:00:00 GMT' }),
    'later · gateway · link',
  ],
  ['500 as HTML', () => page(500), 'later · gateway · link'],
  ['502', () => page(502), 'later · gateway · link'],
  ['504', () => page(504), 'later · gateway · link'],
]

describe('what is made of an answer', () => {
  it.each(CASES)('%s', async (_name, response, expected) => {
    const outcome = await judge(response(), { id: 'a' })
    const parts: unknown[] = [outcome.kind]
    if (outcome.kind !== 'taken') parts.push(outcome.failure.code)
    if (outcome.kind === 'later') parts.push(outcome.link && 'link', outcome.wait)
    expect(parts.filter(Boolean).join(' · ')).toBe(expected)
    if (outcome.kind !== 'taken') expect(outcome.failure.title).not.toMatch(/^$|queue\./)
  })

  it('says the words of the server, with the fields at fault', async () => {
    const errors = [{ field: 'item', code: 'required', message: '必填' }]
    const outcome = await judge(answer(400, { title: '请求无效', status: 400, code: 'invalid', errors }), { id: 'a' })
    expect(outcome).toMatchObject({ failure: { code: 'invalid', title: '请求无效', errors } })
  })

  it('follows no address it was sent to', async () => {
    const elsewhere = { type: 'opaqueredirect', status: 0, ok: false } as Response
    expect(await judge(elsewhere, { id: 'a' })).toMatchObject({ failure: { code: 'portal' }, link: true })
  })

  it('knows a link that broke in the middle of an answer from one that answers nonsense', async () => {
    const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError('network error')) })
    await expect(judge(new Response(broken), { id: 'a' })).rejects.toThrow('network error')
    expect(unreached(new TypeError('network error'))).toMatchObject({ failure: { code: 'no_signal' }, link: true })
    expect(unreached(new DOMException('', 'AbortError'))).toMatchObject({ failure: { code: 'no_answer' }, link: true })
  })
})

it('an answer that is taken tells the number of the report, where it has one', async () => {
  expect(await judge(answer(201, { id: 'a', number: '261126-ABCDEFGH' }), { id: 'a' })).toEqual({
    kind: 'taken',
    number: '261126-ABCDEFGH',
  })
  expect(await judge(answer(201, { id: 'a', number: 7 }), { id: 'a' })).toEqual({ kind: 'taken' })
})
