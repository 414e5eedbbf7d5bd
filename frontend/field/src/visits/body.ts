/** A visit as it is written down and as the API takes it in. */
import type { Schemas } from '@shared/api/client'
import type { ChosenPicture } from '@/photos/chosen'
import { asPosition } from '@/places/geo'
import type { NewEntry } from '@/queue/entry'
import type { Place, RiskLevel } from '@/store/db'
import { newId } from '@shared/ids'

export type VisitResult = Schemas['VisitResult']

export const RESULTS: VisitResult[] = ['met', 'checked', 'nobody_home', 'declined']
/** A household nobody met was not visited: it stays due. */
export const COUNTED: VisitResult[] = ['met', 'checked']
const CLOCK_SKEW_MS = 60_000
export const PHOTO_KINDS = ['near', 'reference']

export interface VisitForm {
  /** The visit's, from the beginning: sending it twice is sending it once. */
  id: string
  /** When the form was begun, unless set by hand. */
  visitedAt: string
  place: Place | null
  result: VisitResult | null
  /** User names beside the one who writes. */
  others: string[]
  leader: string
  note: string
  measure: string
  pictures: ChosenPicture[]
}

export const blankVisit = (now: Date): VisitForm => ({
  id: newId(),
  visitedAt: now.toISOString(),
  place: null,
  result: null,
  others: [],
  leader: '',
  note: '',
  measure: '',
  pictures: [],
})

/** A place found by itself is nobody's work. */
export function isBlank(form: VisitForm): boolean {
  const { result, others, leader, note, measure, pictures } = form
  return !result && !others.length && !pictures.length && ![leader, note, measure].some((text) => text.trim())
}

export type Missing = 'result' | 'time' | 'place' | 'visitors' | 'leader' | 'note' | 'measure'

type Demands = Pick<RiskLevel, 'min_visitors' | 'note_required' | 'measure_required' | 'leader_required'>

/** What the colour asks of a visit; of one in vain only who went. */
export function demands(level: Demands | null, result: VisitResult | null) {
  const counted = result === null || COUNTED.includes(result)
  return {
    visitors: level?.min_visitors ?? 1,
    leader: level?.leader_required ?? false,
    note: counted && (level?.note_required ?? false),
    measure: counted && (level?.measure_required ?? false),
  }
}

/** What the server would refuse the visit for, in the order of the form. `now` in milliseconds. */
export function missing(form: VisitForm, level: Demands | null, now: number): Missing[] {
  const asked = demands(level, form.result)
  const lacks: [Missing, boolean][] = [
    ['result', !form.result],
    ['time', Date.parse(form.visitedAt) > now + CLOCK_SKEW_MS],
    ['place', !form.place],
    ['visitors', new Set(form.others).size + 1 < asked.visitors],
    ['leader', asked.leader && !form.leader.trim()],
    ['note', asked.note && !form.note.trim()],
    ['measure', asked.measure && !form.measure.trim()],
  ]
  return lacks.filter(([, lacking]) => lacking).map(([name]) => name)
}

/** The body of `PUT visits/<id>`; `form` lacks nothing. `me` is the user name of who writes. */
export function visitBody(form: VisitForm, household: string, me: string): Schemas['VisitInRequest'] {
  return {
    household,
    visited_at: form.visitedAt,
    position: asPosition(form.place!),
    result: form.result!,
    visitors: [me, ...new Set(form.others.filter((one) => one !== me))],
    ...(form.leader.trim() && { leader: form.leader.trim() }),
    ...(form.note.trim() && { note: form.note.trim() }),
    ...(form.measure.trim() && { measure: form.measure.trim() }),
    photos: form.pictures.map(({ sha256, size, kind }) => ({ sha256, size, kind: kind as Schemas['PhotoKind'] })),
  }
}

/** What the queue takes: the visit, then its pictures. */
export function visitEntry(form: VisitForm, household: string, title: string, me: string): NewEntry {
  return {
    id: form.id,
    kind: 'visit',
    title,
    chain: `household:${household}`,
    method: 'PUT',
    path: `visits/${form.id}`,
    body: visitBody(form, household, me),
    names: form.id,
    pictures: form.pictures.map((one) => ({ ...one, path: `visits/${form.id}/photos/${one.sha256}`, sent: false })),
  }
}
