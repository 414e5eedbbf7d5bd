/** From the form to what is sent, and what the server would refuse of it. */
import type { Schemas } from '@shared/api/client'
import { asPosition } from '@/places/geo'
import type { NewEntry } from '@/queue/entry'
import type { Item } from '@/store/db'
import type { ReportForm } from './form'
import { asAnswers, toldBy, unanswered } from './questions'

export type Submission = Schemas['SubmissionInRequest']

/** What is still missing; `key` names the question. outside: the place lies in no grid, and none of mine is near. */
export type Lack =
  | { what: 'item' | 'place' | 'outside' | 'measures' | 'before' | 'after' | 'phone' }
  | { what: 'answer' | 'stops'; key: string }

const PHONE = /^[0-9+\- ]{3,20}$/

export function lacks(form: ReportForm, item: Item | null): Lack[] {
  const found: Lack[] = []
  if (!item) found.push({ what: 'item' })
  if (!form.place) found.push({ what: 'place' })
  if (item) {
    for (const key of unanswered(item.questions, form.answers)) found.push({ what: 'answer', key })
    for (const question of item.questions)
      if (toldBy(question, form.answers).some((notice) => notice.stops))
        found.push({ what: 'stops', key: question.key })
  }
  if (handlesItself(form, item)) {
    for (const what of ['before', 'after'] as const)
      if (!form.pictures.some((picture) => picture.kind === what)) found.push({ what })
    if (!form.measures.trim()) found.push({ what: 'measures' })
  }
  const phone = form.requester.phone.trim()
  if (phone && !PHONE.test(phone)) found.push({ what: 'phone' })
  return found
}

export const handlesItself = (form: ReportForm, item: Item | null) => form.selfHandled && !!item?.may_self_handle

/** The body of a form that lacks nothing, finished at `at`. */
export function submission(form: ReportForm, item: Item, at: Date): Submission {
  if (!form.place) throw new Error('a report has a place')
  const body: Submission = {
    item: item.code,
    description: form.description.trim() || item.name,
    position: asPosition(form.place),
    captured_at: at.toISOString(),
    answers: asAnswers(item.questions, form.answers),
    photos: form.pictures.map(({ sha256, size, kind }) => ({ sha256, size, kind: kind as Schemas['PhotoKind'] })),
  }
  if (form.urgency && form.urgency !== item.urgency) body.urgency = form.urgency
  if (form.grid) body.grid = form.grid
  if (form.address.trim()) body.address = form.address.trim()
  if (handlesItself(form, item)) Object.assign(body, { self_handled: true, measures: form.measures.trim() })
  const requester = requesterOf(form)
  if (requester) body.requester = requester
  return body
}

function requesterOf({ requester }: ReportForm): Submission['requester'] {
  const [name, phone] = [requester.name.trim(), requester.phone.trim()]
  if (!name && !phone && !requester.anonymous) return null
  return { name, phone, anonymous: requester.anonymous }
}

export function entry(form: ReportForm, item: Item, at: Date): NewEntry {
  return {
    id: form.id,
    kind: 'report',
    title: item.name,
    chain: `report:${form.id}`,
    method: 'PUT',
    path: `reports/${form.id}`,
    body: { ...submission(form, item, at) },
    names: form.id,
    pictures: form.pictures.map(({ sha256, size, kind }) => ({
      ...{ sha256, size, kind },
      path: `reports/${form.id}/photos/${sha256}`,
      sent: false,
    })),
  }
}
