import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Item } from '@/store/db'
import { byClass, found } from './search'

const item = (
  code: string,
  name: string,
  spelling: string[][],
  class_name = '道路与井盖',
  kind: Item['kind'] = 'component',
) => ({
  ...{ code, name, spelling, class_name, kind },
  class_code: code.split('-')[1],
})

const CATALOGUE = [
  item('01-01-001', '井盖缺失', [['jing'], ['gai'], ['que'], ['shi']]),
  item('01-01-002', '井盖破损', [['jing'], ['gai'], ['po'], ['sun']]),
  item('01-02-001', '路灯不亮', [['lu'], ['deng'], ['bu', 'fou'], ['liang']], '照明'),
  item('02-01-001', '暴露垃圾', [['bao', 'pu', 'bo'], ['lu', 'lou'], ['la'], ['ji', 'jie']], '市容', 'event'),
  item('02-01-002', '下水道堵塞', [['xia'], ['shui'], ['dao'], ['du'], ['se', 'sai']], '市容', 'event'),
  item('02-02-001', 'LED屏损坏', [['l'], ['e'], ['d'], ['ping', 'bing'], ['sun'], ['huai']], '广告', 'event'),
  item('02-02-002', '绿化带破坏', [['lv', 'lu'], ['hua'], ['dai'], ['po'], ['huai']], '绿化', 'event'),
]

const names = (query: string, known: string[] = []) => found(query, CATALOGUE, known).map(({ name }) => name)

describe('an item is found', () => {
  it.each([
    ['by its characters', '井盖', ['井盖缺失', '井盖破损']],
    ['by characters within', '垃圾', ['暴露垃圾']],
    ['by full pinyin', 'baolulaji', ['暴露垃圾']],
    ['by initials', 'bllj', ['暴露垃圾']],
    ['by pinyin and initials mixed', 'baollj', ['暴露垃圾']],
    ['by an unfinished syllable', 'lud', ['路灯不亮']],
    ['by pinyin from within', 'posun', ['井盖破损']],
    ['by another reading of a character', 'dusai', ['下水道堵塞']],
    ['by the reading of the word', 'duse', ['下水道堵塞']],
    ['by characters and letters mixed', '井gaips', ['井盖破损']],
    ['by Latin letters of its name', 'ledp', ['LED屏损坏']],
    ['by ü typed as v', 'lvhua', ['绿化带破坏']],
    ['by ü itself', 'lühua', ['绿化带破坏']],
    ['in capitals and full width', 'ＢＬＬＪ', ['暴露垃圾']],
    ['by words in any order', '破损 井盖', ['井盖破损']],
    ['by syllables apart', 'jing gai po', ['井盖破损']],
    ['by its class', '照明', ['路灯不亮']],
    ['by its code', '02-01-002', ['下水道堵塞']],
  ])('%s', (_how, query, expected) => expect(names(query)).toEqual(expected))

  it('before others where its name begins so, and before those when it is known', () => {
    expect(names('lu')).toEqual(['路灯不亮', '绿化带破坏', '暴露垃圾'])
    expect(names('jg')).toEqual(['井盖缺失', '井盖破损'])
    expect(names('jg', ['01-01-002'])).toEqual(['井盖破损', '井盖缺失'])
  })

  it.each([
    ['垃圾暴露了', ['暴露垃圾']],
    ['下水道又堵了', ['下水道堵塞']],
    // The more of it, the earlier.
    ['井盖破了', ['井盖破损', '井盖缺失']],
    ['灯', ['路灯不亮']],
    ['树倒了', []],
    ['损了', []],
  ])('else by most of its characters: %s', (query, expected) => expect(names(query)).toEqual(expected))

  it('in other words as the street would say it', () => {
    const burst = item('02-03-001', '自来水爆管', [['zi'], ['lai'], ['shui'], ['bao'], ['guan']], '供水', 'event')
    expect(found('水管爆了', [...CATALOGUE, burst]).map(({ name }) => name)).toEqual(['自来水爆管'])
  })

  it('not by letters it has not', () => expect(names('xyz')).toEqual([]))
})

const SYLLABLES = ['a', 'an', 'gang', 'ga', 'xi', 'xian', 'lv', 'zhong', 'chong', 'e', 'n', 'ni']
const anyItem = fc
  .array(
    fc.record({
      character: fc.constantFrom(...'井盖垃圾重行路灯绿化'),
      readings: fc.uniqueArray(fc.constantFrom(...SYLLABLES), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    item(
      '01-01-001',
      parts.map((part) => part.character).join(''),
      parts.map((part) => part.readings),
    ),
  )

describe('whatever its name', () => {
  const finds = (query: string, one: ReturnType<typeof item>) => found(query, [one]).length === 1

  it('every item is found by its full pinyin, its initials, any mixture of them and any part of its name', () => {
    fc.assert(
      fc.property(anyItem, fc.nat(), fc.nat(), fc.infiniteStream(fc.boolean()), (one, start, length, coin) => {
        const [full, initials] = [one.spelling.map(([first]) => first), one.spelling.map(([first]) => first[0])]
        const mixed = full.map((reading) => (coin.next().value ? reading : reading[0]))
        const from = start % one.name.length
        const to = from + 1 + (length % (one.name.length - from))
        for (const parts of [full, initials, mixed, Array.from(one.name)]) {
          expect(finds(parts.join(''), one)).toBe(true)
          expect(finds(parts.slice(from, to).join(''), one)).toBe(true)
        }
      }),
    )
  })

  it('by the beginning of its pinyin, letter by letter', () => {
    fc.assert(
      fc.property(anyItem, fc.nat(), (one, length) => {
        const full = one.spelling.map(([first]) => first).join('')
        expect(finds(full.slice(0, 1 + (length % full.length)), one)).toBe(true)
      }),
    )
  })
})

it('1,625 items are searched between two keystrokes', () => {
  const many = Array.from({ length: 1625 }, (_, number) => ({ ...CATALOGUE[number % 7], code: `01-01-${number}` }))
  const started = performance.now()
  for (const query of ['b', 'bl', 'bll', 'bllj', 'jinggaiposun']) found(query, many)
  expect((performance.now() - started) / 5).toBeLessThan(50)
})

it('the catalogue is leafed through by kind and class in the order of the codes', () => {
  const classes = byClass([...CATALOGUE].reverse())
  expect(classes.map(({ key, items }) => [key, items.length])).toEqual([
    ['component-01', 2],
    ['component-02', 1],
    ['event-01', 2],
    ['event-02', 2],
  ])
  expect(classes[0].items.map(({ code }) => code)).toEqual(['01-01-001', '01-01-002'])
})
