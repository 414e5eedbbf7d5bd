import { describe, expect, it } from 'vitest'
import type { Knowledge } from '@/store/db'
import { helpingWith, matching } from './knowledge'

const entry = (id: number, more: Partial<Knowledge>) =>
  ({ id, title: `条目 ${id}`, html: '', items: [], item_kind: '', class_code: '', ...more }) as Knowledge
const ids = (entries: Knowledge[]) => entries.map(({ id }) => id)

const GAS = entry(1, { title: '燃气泄漏现场处置', html: '<p>禁止<strong>一切火源</strong></p>', items: ['02-01-001'] })
const PIPES = entry(2, {
  title: '供水管道漏水',
  html: '<p>燃气、供热同理</p>',
  item_kind: 'event',
  class_code: '02-01',
})
const ALL = entry(3, { title: '怎么答复群众', html: '<p class="strong">好好说</p>' })
const ENTRIES = [ALL, PIPES, GAS]

describe('searching the knowledge base', () => {
  it('finds every word, the title first', () => {
    expect(ids(matching(ENTRIES, '燃气'))).toEqual([1, 2])
    expect(ids(matching(ENTRIES, '燃气 火源'))).toEqual([1])
    expect(ids(matching(ENTRIES, '燃气 答复'))).toEqual([])
  })

  it('does not read the marks of the text', () => {
    expect(ids(matching(ENTRIES, 'strong'))).toEqual([])
    expect(ids(matching(ENTRIES, '<p>'))).toEqual([])
  })

  it('shows all where nothing is asked for', () => expect(ids(matching(ENTRIES, '  '))).toEqual([3, 2, 1]))
})

describe('what helps with an item', () => {
  it('is said of it, then of its class, then of every item', () => {
    expect(ids(helpingWith(ENTRIES, { code: '02-01-001', kind: 'event', class_code: '02-01' }))).toEqual([1, 2, 3])
  })

  it('is not what is said of other items or of a class of another kind', () => {
    expect(ids(helpingWith(ENTRIES, { code: '09-09-009', kind: 'component', class_code: '02-01' }))).toEqual([3])
  })
})
