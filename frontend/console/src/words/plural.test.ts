import { afterEach, describe, expect, it } from 'vitest'
import { i18n, t } from '.'

afterEach(() => (i18n.global.locale.value = 'zh-hans'))

describe('a number in English', () => {
  it.each([
    [0, '0 photos are still on their way'],
    [1, '1 photo is still on its way'],
    [2, '2 photos are still on their way'],
  ])('%s', (n, english) => {
    i18n.global.locale.value = 'en'
    expect(t('report.photosComing', { n })).toBe(english)
  })

  it('is said of a fraction of an hour too', () => {
    i18n.global.locale.value = 'en'
    expect(t('dispatch.limitUnit.work_hour', { n: 2.5 })).toBe('2.5 work hours')
  })
})
