import { describe, expect, it } from 'vitest'
import { anEntry } from './fixtures'
import { after, isAhead, LONGEST_WAIT, pauseAfter, readyOf } from './machine'
import type { Entry, Failure } from './entry'

const NOW = new Date('2026-11-26T06:00:00Z')
const failure: Failure = { code: 'no_signal', title: '没有信号', at: NOW.toISOString() }
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString()
const next = (entry: Entry, ...happened: Parameters<typeof after>[1][]) =>
  happened.reduce<Entry | 'sent'>((now, one) => (now === 'sent' ? now : after(now, one, NOW, () => 1)), entry)

describe('an entry', () => {
  it('leaves when the server has named it', () => {
    expect(next(anEntry(), { kind: 'begun' })).toMatchObject({ state: 'sending', attempts: 1 })
    expect(next(anEntry(), { kind: 'begun' }, { kind: 'bodyTaken' })).toBe('sent')
  })

  it('leaves only when its last picture was named too, in whatever order they arrive', () => {
    const entry = anEntry({ pictures: ['a', 'b'] })
    const [a, b] = ['a', 'b'].map((sha256) => ({ kind: 'pictureTaken' as const, sha256 }))
    expect(next(entry, { kind: 'bodyTaken' }, b!)).toMatchObject({ bodySent: true })
    expect(next(entry, { kind: 'bodyTaken' }, b!, b!)).not.toBe('sent')
    expect(next(entry, { kind: 'bodyTaken' }, b!, a!)).toBe('sent')
    expect(next(entry, a!, b!)).not.toBe('sent')
  })

  it.each([
    [{ kind: 'begun' as const }],
    [{ kind: 'notReached' as const, failure }],
    [{ kind: 'refused' as const, failure }],
    [{ kind: 'restarted' as const }],
    [{ kind: 'retried' as const }],
    [{ kind: 'pictureTaken' as const, sha256: 'a' }],
  ])('never leaves by %j', (happened) => {
    for (const state of ['waiting', 'sending', 'refused'] as const)
      expect(next(anEntry({ state, bodySent: true, pictures: ['a', 'b'] }), happened)).toMatchObject({ bodySent: true })
  })

  it('waits longer each time it did not get through, and says why', () => {
    let entry = anEntry()
    const pauses = []
    for (let n = 0; n < 10; n++) {
      entry = next(entry, { kind: 'begun' }, { kind: 'notReached', failure }) as Entry
      pauses.push((new Date(entry.nextAt).getTime() - NOW.getTime()) / 1000)
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    expect(entry).toMatchObject({ state: 'waiting', failure, attempts: 10 })
  })

  it('waits as long as the server asks, within reason', () => {
    expect(next(anEntry(), { kind: 'notReached', failure, wait: 7_000 })).toMatchObject({ nextAt: at(7) })
    expect(next(anEntry(), { kind: 'notReached', failure, wait: 1e12 })).toMatchObject({
      nextAt: at(LONGEST_WAIT / 1000),
    })
  })

  it('is sent again from the beginning of its pauses when the person asks', () => {
    for (const state of ['waiting', 'refused'] as const)
      expect(next(anEntry({ state, attempts: 9, nextAt: at(300) }), { kind: 'retried' })).toMatchObject({
        state: 'waiting',
        attempts: 0,
        nextAt: NOW.toISOString(),
      })
    expect(next(anEntry({ state: 'sending', attempts: 9 }), { kind: 'retried' })).toMatchObject({ attempts: 9 })
  })

  it('is sent again after a restart, without what has arrived', () => {
    const entry = anEntry({ state: 'sending', bodySent: true, pictures: ['a'] })
    expect(next(entry, { kind: 'restarted' })).toMatchObject({ state: 'waiting', bodySent: true })
    expect(next(anEntry({ state: 'refused' }), { kind: 'restarted' })).toMatchObject({ state: 'refused' })
  })

  it('goes on without a picture the server does not take', () => {
    const entry = anEntry({ state: 'refused', bodySent: true, pictures: ['a', 'b'] })
    const rest = next(entry, { kind: 'withoutPicture', sha256: 'a' })
    expect(rest).toMatchObject({ state: 'waiting', failure: null, pictures: [{ sha256: 'b' }] })
    expect(next(rest as Entry, { kind: 'pictureTaken', sha256: 'b' })).toBe('sent')
    expect(next(entry, { kind: 'pictureTaken', sha256: 'b' }, { kind: 'withoutPicture', sha256: 'a' })).toBe('sent')
    expect(next(anEntry({ pictures: ['a'] }), { kind: 'withoutPicture', sha256: 'a' })).not.toBe('sent')
  })
})

describe('the pause', () => {
  it('is spread over its whole length, and never nothing', () => {
    expect(pauseAfter(5, 0)).toBe(500)
    expect(pauseAfter(5, 0.5)).toBe(16_000)
    expect(pauseAfter(5, 1)).toBe(32_000)
    expect(pauseAfter(1_000, 1)).toBe(300_000)
  })

  it('does not outlast a clock that was put right', () => {
    expect(isAhead(at(60), NOW)).toBe(true)
    expect(isAhead(at(0), NOW)).toBe(false)
    expect(isAhead('2031-01-01T00:00:00Z', NOW)).toBe(false)
  })
})

describe('what is ready', () => {
  const entries = [
    anEntry({ id: 'refused', chain: 'a', state: 'refused' }),
    anEntry({ id: 'behind the refused', chain: 'a' }),
    anEntry({ id: 'later', chain: 'b', nextAt: at(30) }),
    anEntry({ id: 'behind the later', chain: 'b' }),
    anEntry({ id: 'under way', chain: 'c', state: 'sending' }),
    anEntry({ id: 'behind the one under way', chain: 'c' }),
    anEntry({ id: 'first', chain: 'd' }),
    anEntry({ id: 'behind the first', chain: 'd' }),
    anEntry({ id: 'second', chain: 'e' }),
    anEntry({ id: 'sooner', chain: 'f', nextAt: at(20) }),
  ]

  it('is the oldest of each chain that waits for nothing', () => {
    expect(readyOf(entries, NOW)).toMatchObject({ ready: [{ id: 'first' }, { id: 'second' }], at: at(20) })
  })

  it('is nothing where all were refused, and nothing is to be waited for', () => {
    expect(readyOf(entries.slice(0, 2), NOW)).toEqual({ ready: [], at: null })
  })
})
