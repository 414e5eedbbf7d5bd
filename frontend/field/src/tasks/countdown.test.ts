import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { i18n } from '@/words'
import en from '@/words/en'
import { inWords, lightAt, spanTo } from '@shared/time/countdown'

const DUE = '2026-05-08T16:30:00+08:00'
const before = (minutes: number) => Date.parse(DUE) - minutes * 60_000
const say = i18n.global.t as (key: string, values?: Record<string, unknown>) => string
i18n.global.setLocaleMessage('en', en)
afterEach(() => (i18n.global.locale.value = 'zh-hans'))

describe('a countdown in words', () => {
  it.each([
    [133, '剩 2 小时 13 分', '2 h 13 min left'],
    [120, '剩 2 小时', '2 h left'],
    [45, '剩 45 分', '45 min left'],
    [0.5, '剩不到 1 分钟', 'less than a minute left'],
    [0, '刚刚超时', 'just overdue'],
    [-0.5, '刚刚超时', 'just overdue'],
    [-20, '已超 20 分', '20 min overdue'],
    [-61, '已超 1 小时 1 分', '1 h 1 min overdue'],
    [26 * 60 + 59, '剩 1 天 2 小时', '1 d 2 h left'],
    [-72 * 60, '已超 3 天', '3 d overdue'],
  ])('%s minutes before it is due', (minutes, chinese, english) => {
    expect(inWords(DUE, before(minutes), say)).toBe(chinese)
    i18n.global.locale.value = 'en'
    expect(inWords(DUE, before(minutes), say)).toBe(english)
  })

  it('never says more time than there is, and at most two units', () => {
    const size = { days: 1440, hours: 60, minutes: 1 }
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), (minutes) => {
        const { parts, overdue } = spanTo(DUE, before(minutes))
        const said = parts.reduce((sum, part) => sum + part.n * size[part.unit], 0)
        expect(parts.length).toBeLessThanOrEqual(2)
        expect(overdue).toBe(minutes <= 0)
        expect(said).toBeLessThanOrEqual(Math.abs(minutes))
        expect(Math.abs(minutes) - said).toBeLessThan(60)
      }),
    )
  })

  it('turns its light by the phone’s clock', () => {
    const yellow = '2026-05-08T16:20:00+08:00'
    expect(lightAt(DUE, yellow, before(11))).toBe('green')
    expect(lightAt(DUE, yellow, before(10))).toBe('yellow')
    expect(lightAt(DUE, yellow, before(0))).toBe('red')
    expect(lightAt(null, null, before(0))).toBe('')
    expect(lightAt(DUE, null, before(1))).toBe('green')
  })
})
