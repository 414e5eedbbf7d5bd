import { describe, expect, it } from 'vitest'
import type { Failure } from './entry'
import { anEntry } from './fixtures'
import { arrivalOf, briefOf, contentOf, progressOf, reasonOf, standingOf, type Surroundings } from './saying'

const NOW = new Date(2026, 10, 26, 14, 0)
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000).toISOString()
const failed = (code: string, given: Partial<Failure> = {}): Failure => ({ code, title: '', at: at(-1), ...given })
const around = (given: Partial<Surroundings> = {}): Surroundings => ({
  ...{ signedIn: true, rest: null, entries: [], now: NOW },
  ...given,
})

describe('why it has not arrived', () => {
  it('is said in our words, or the words of the server with the fields at fault', () => {
    expect(reasonOf(anEntry({ failure: failed('no_signal') }))).toBe('没有信号')
    const errors = [
      { field: 'a', code: 'required', message: '此项必填' },
      { field: 'b', code: 'invalid', message: '请求无效' },
    ]
    expect(reasonOf(anEntry({ failure: failed('invalid', { title: '请求无效', errors }) }))).toBe('请求无效 此项必填')
  })

  it('names a picture where it is about one', () => {
    const failure = failed('picture_gone', { picture: 'p0' })
    expect(reasonOf(anEntry({ failure }))).toBe('有一张照片未被受理：手机里已找不到这张照片')
  })
})

describe('how it stands', () => {
  it.each([
    ['排队中，马上发送', {}, around()],
    ['正在发送…', { state: 'sending' as const }, around()],
    ['重新登录后继续发送', {}, around({ signedIn: false })],
    ['没有信号 · 今天 14:05 再试', { attempts: 3, failure: failed('no_signal'), nextAt: at(5) }, around()],
    ['服务器暂时不可用 · 今天 14:04 再试', {}, around({ rest: { until: at(4), code: 'gateway' } })],
    ['排队中，马上发送', {}, around({ rest: { until: at(-4), code: 'gateway' } })],
    [
      '服务器忙 · 今天 14:04 再试',
      { attempts: 1, failure: failed('busy', { title: '服务器忙' }), nextAt: at(2) },
      around({ rest: { until: at(4), code: 'busy' } }),
    ],
    // What failed before the person asked again is no longer the reason.
    ['排队中，马上发送', { failure: failed('no_signal') }, around()],
  ])('%s', (said, given, surroundings) => {
    expect(standingOf(anEntry(given), surroundings)).toBe(said)
  })

  it('says what it waits for in its chain', () => {
    const before = anEntry({ id: 'a', chain: 'x', seq: 1, title: '报到' })
    const entry = anEntry({ id: 'b', chain: 'x', seq: 2 })
    const other = anEntry({ id: 'c', chain: 'y', seq: 0 })
    expect(standingOf(entry, around({ entries: [other, before, entry] }))).toBe('排在“报到”之后')
    const refused = { ...before, state: 'refused' as const }
    expect(standingOf(entry, around({ entries: [refused, entry] }))).toBe('等“报到”处理好后再发送')
    expect(standingOf(before, around({ entries: [before, entry] }))).toBe('排队中，马上发送')
  })

  it('says how far it has come', () => {
    expect(progressOf(anEntry())).toBe('正文未到')
    const entry = anEntry({ bodySent: true, pictures: ['a', 'b', 'c'] })
    entry.pictures[1]!.sent = true
    expect(progressOf(entry)).toBe('正文已到 · 照片 1/3')
  })
})

describe('what it says', () => {
  it('is what a person wrote or chose', () => {
    const body = {
      item: '0101',
      description: '塑料瓶成堆',
      position: { lng: 122.1, lat: 37.5 },
      captured_at: new Date(2025, 10, 26, 13).toISOString(),
      requester: { name: '王秀英', phone: '13800000000', anonymous: false },
      photos: [{ sha256: 'p0' }],
      result: 'met',
      address: ' ',
      reason: 'moved',
    }
    expect(contentOf(anEntry({ body, pictures: ['p0', 'p1'] }))).toEqual([
      '情况说明：塑料瓶成堆',
      '走访结果：见到人了',
      '诉求人：王秀英 13800000000',
      '填写时间：2025年11月26日',
      '照片 2 张',
    ])
  })

  it('is the reason of who asks for more time, but no code of a list', () => {
    const body = { reason: '等配件到货' }
    expect(contentOf(anEntry({ path: 'assignments/1/ask_extension', body }))).toEqual(['理由：等配件到货'])
    expect(contentOf(anEntry({ path: 'households/h/propose_colour', body }))).toEqual([])
  })
})

describe('what was taken but for a picture', () => {
  const failure = failed('photo_damaged', { title: '照片损坏', picture: 'p0' })
  const entry = { ...anEntry({ state: 'refused', failure, pictures: ['p0'] }), bodySent: true }

  it('is said to have arrived, and only the picture not', () => {
    expect(briefOf(entry)).toBe('已送达，但有一张照片未被受理：照片损坏')
    expect(briefOf({ ...entry, bodySent: false, failure: failed('invalid', { title: '请求无效' }) })).toBe(
      '未被受理：请求无效',
    )
    expect(briefOf({ ...entry, state: 'waiting' })).toBe('已送达，照片 0/1')
  })
})

it('after a form it is said how far it has come, until it has arrived', () => {
  const entry = anEntry({ pictures: ['a', 'b'] })
  const sent = { id: entry.id, kind: entry.kind, title: entry.title, at: at(0) }
  expect(arrivalOf(entry, undefined, false)).toBe('有信号就自动发出')
  expect(arrivalOf(entry, undefined, true)).toBe('排队中，马上发送')
  expect(arrivalOf({ ...entry, attempts: 2 }, undefined, true)).toBe('有信号就自动发出')
  expect(arrivalOf({ ...entry, state: 'sending' }, undefined, true)).toBe('正在发送…')
  expect(arrivalOf({ ...entry, state: 'sending', bodySent: true }, undefined, true)).toBe(
    '正文已送达，正在发送照片 0/2',
  )
  const refused = { ...entry, state: 'refused' as const, failure: failed('invalid', { title: '请求无效' }) }
  expect(arrivalOf(refused, undefined, true)).toBe('未被受理：请求无效')
  expect(arrivalOf(undefined, { ...sent, number: '261126-ABCDEFGH' }, true)).toBe('编号 261126-ABCDEFGH')
  expect(arrivalOf(undefined, sent, true)).toBe('')
})
