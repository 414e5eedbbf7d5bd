import { describe, expect, it } from 'vitest'
import type { Item } from '@/store/db'
import { entry, lacks, submission } from './body'
import { blankForm, formAt, isBlank, type ReportForm } from './form'
import type { Question } from './questions'

const AT = new Date('2026-05-06T01:02:03Z')
const question = (key: string, kind: string, more: Partial<Question> = {}): Question =>
  ({ key, text: key, kind, choices: [], required: false, notices: [], ...more }) as Question

const item = (questions: Question[] = [], more: Partial<Item> = {}): Item =>
  ({ code: '01-01-001', name: '井盖缺失', urgency: 'urgent', may_self_handle: false, questions, ...more }) as Item

function form(more: Partial<ReportForm> = {}): ReportForm {
  const place = { lng: 122.4, lat: 37.1, accuracy: 9, at: AT.toISOString(), moved: false }
  return { ...blankForm(), item: '01-01-001', place, ...more }
}

const picture = (letter: string, kind: string) => ({ sha256: letter.repeat(64), size: 5, kind })
const whats = (one: ReportForm, of: Item | null) => lacks(one, of).map(({ what }) => what)

describe('the body', () => {
  it('of a photo, an item and a place is whole', () => {
    const body = submission(form({ pictures: [picture('a', 'near')] }), item(), AT)
    expect(body).toEqual({
      item: '01-01-001',
      description: '井盖缺失',
      position: { lng: 122.4, lat: 37.1, coord_type: 'wgs84', accuracy: 9, provider: 'phone' },
      captured_at: '2026-05-06T01:02:03.000Z',
      answers: {},
      photos: [{ sha256: 'a'.repeat(64), size: 5, kind: 'near' }],
    })
  })

  it('says what was said, and the urgency only where it is not the item’s', () => {
    const said = { description: ' 在路口 ', address: ' 3号楼 ', grid: '371082007032002' }
    const requester = { name: '李大爷', phone: '', anonymous: true }
    const body = submission(form({ ...said, requester, urgency: 'emergency' }), item(), AT)
    expect(body).toMatchObject({
      description: '在路口',
      address: '3号楼',
      grid: said.grid,
      urgency: 'emergency',
      requester,
    })
    expect(submission(form({ urgency: 'urgent' }), item(), AT)).not.toHaveProperty('urgency')
  })

  it('answers each kind of question as the server wants it, and none of another item', () => {
    const kinds = ['number', 'datetime', 'yes_no', 'choice', 'multiple', 'string', 'text']
    const questions = kinds.map((kind) => question(kind, kind))
    const answers = {
      ...{ number: '2.5', datetime: '2026-05-06T09:02', yes_no: false, choice: '红', multiple: ['灯', '杆'] },
      ...{ string: '', text: ' 好 ', q99: '别的' },
    }
    expect(submission(form({ answers }), item(questions), AT).answers).toEqual({
      ...{ number: 2.5, datetime: new Date('2026-05-06T09:02').toISOString(), yes_no: false },
      ...{ choice: '红', multiple: ['灯', '杆'], text: ' 好 ' },
    })
  })

  it('speaks of self-handling only where the item may be', () => {
    const handled = form({ selfHandled: true, measures: '扶正' })
    expect(submission(handled, item(), AT)).not.toHaveProperty('self_handled')
    const body = submission(handled, item([], { may_self_handle: true }), AT)
    expect(body).toMatchObject({ self_handled: true, measures: '扶正' })
  })
})

it('the entry is named by the report, and its pictures go where the report is', () => {
  const one = form({ pictures: [picture('a', 'near'), picture('b', 'reference')] })
  const made = entry(one, item(), AT)
  expect(made).toMatchObject({
    id: one.id,
    names: one.id,
    chain: `report:${one.id}`,
    method: 'PUT',
    path: `reports/${one.id}`,
  })
  expect(made.pictures.map(({ path }) => path)).toEqual(
    ['a', 'b'].map((letter) => `reports/${one.id}/photos/${letter.repeat(64)}`),
  )
})

describe('what the server would refuse is said before', () => {
  it('item and place', () => expect(whats(form({ place: null }), null)).toEqual(['item', 'place']))
  it('nothing else: no photo, no description', () => expect(whats(form(), item())).toEqual([]))
  it('answers that are due, and numbers that are none', () => {
    const questions = [question('q1', 'yes_no', { required: true }), question('q2', 'number'), question('q3', 'text')]
    expect(lacks(form({ answers: { q2: 'viel' } }), item(questions))).toEqual([
      { what: 'answer', key: 'q1' },
      { what: 'answer', key: 'q2' },
    ])
    expect(whats(form({ answers: { q1: false, q2: '0' } }), item(questions))).toEqual([])
  })
  it('an answer that stops', () => {
    const notices = [{ answer: true, text: '请立即拨打119', stops: true }]
    const fire = item([question('q1', 'yes_no', { notices })])
    expect(lacks(form({ answers: { q1: true } }), fire)).toEqual([{ what: 'stops', key: 'q1' }])
    expect(whats(form({ answers: { q1: false } }), fire)).toEqual([])
    const several = item([question('q1', 'multiple', { notices: [{ answer: '烟', text: '!', stops: true }] })])
    expect(whats(form({ answers: { q1: ['火', '烟'] } }), several)).toEqual(['stops'])
  })
  it('self-handling without both photos and a word', () => {
    const may = item([], { may_self_handle: true })
    expect(whats(form({ selfHandled: true }), may)).toEqual(['before', 'after', 'measures'])
    const pictures = [picture('a', 'before'), picture('b', 'after')]
    expect(whats(form({ selfHandled: true, measures: '扶正', pictures }), may)).toEqual([])
  })
  it('a telephone number that is none', () => {
    const requester = { name: '', phone: '未知', anonymous: false }
    expect(whats(form({ requester }), item())).toEqual(['phone'])
  })
})

it('a form begun at a door has its place and its address, but not a masked one', () => {
  const building = { estate: '阳光小区', number: '3号楼', lng: 122.5, lat: 37.2 }
  const household = { building, door: '2单元502室', lng: 122.4, lat: 37.1 }
  const one = formAt(household as never)
  expect(one).toMatchObject({ address: '阳光小区3号楼 2单元502室', place: { lng: 122.4, moved: true } })
  expect(isBlank(one, one.address)).toBe(true)
  expect(formAt({ ...household, lng: null, lat: null } as never).place).toMatchObject({ lng: 122.5, lat: 37.2 })
  expect(formAt({ ...household, building: null, door: '2单元***', lng: null } as never)).toMatchObject({
    address: '',
    place: null,
  })
})
