/** 巡查 Patrols as the phone knows them: what waits in the queue, what it noted itself, what the server told. */
import type { Schemas } from '@shared/api/client'
import { asPosition } from '@/places/geo'
import type { Entry, NewEntry } from '@/queue/entry'
import type { Place } from '@/store/db'
import { newId } from '@shared/ids'
import { dayOf } from './days'

export interface Patrol {
  id: string
  grid: string
  note: string
  startedAt: string
  endedAt: string | null
  /** What of it has not arrived yet. */
  sending: 'waiting' | 'refused' | null
}

type Told = Pick<Schemas['PatrolOut'], 'id' | 'grid' | 'note' | 'started_at' | 'ended_at'>
type Queued = Pick<Entry, 'id' | 'kind' | 'names' | 'title' | 'body' | 'state'>

/** Of `today`, and one that still runs, newest first. A refused check-in is no patrol that runs. */
export function patrolsOf(
  queue: readonly Queued[],
  noted: readonly Patrol[],
  told: readonly Told[],
  today: string,
): Patrol[] {
  const found = new Map<string, Patrol>()
  for (const one of noted) found.set(one.id, { ...one, sending: null })
  for (const one of told) {
    const before = found.get(one.id)
    found.set(one.id, {
      id: one.id,
      grid: one.grid.name,
      note: one.note ?? '',
      startedAt: one.started_at,
      endedAt: one.ended_at ?? before?.endedAt ?? null,
      sending: null,
    })
  }
  for (const { kind, names, title, body, state } of queue) {
    if (kind !== 'patrol') continue
    const before = found.get(names) ?? blank(names, title)
    found.set(names, {
      ...before,
      startedAt: (body.started_at as string | undefined) ?? before.startedAt,
      note: (body.note as string | undefined) ?? before.note,
      endedAt: (body.ended_at as string | undefined) ?? before.endedAt,
      sending: state === 'refused' || before.sending === 'refused' ? 'refused' : 'waiting',
    })
  }
  return [...found.values()]
    .filter((one) => one.startedAt && (isRunning(one) || dayOf(one.startedAt) === today || one.sending))
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
}

const blank = (id: string, grid: string): Patrol => ({
  id,
  grid,
  note: '',
  startedAt: '',
  endedAt: null,
  sending: null,
})

export const isRunning = (patrol: Patrol) => !patrol.endedAt && patrol.sending !== 'refused'

const clockMinute = (moment: number) => Math.floor(moment / 60_000)

/** Hours and minutes between two moments as the clock shows them: 17:56 to 18:01 is five. */
export function lasting(from: string, to: number): { h: number; m: number } {
  const minutes = Math.max(0, clockMinute(to) - clockMinute(Date.parse(from)))
  return { h: Math.floor(minutes / 60), m: minutes % 60 }
}

export function checkInEntry(place: Place, note: string, title: string, at: Date): NewEntry {
  const id = newId()
  const body: Schemas['PatrolInRequest'] = {
    started_at: at.toISOString(),
    position: asPosition(place),
    ...(note.trim() && { note: note.trim() }),
  }
  const path = `patrols/${id}`
  return { id, kind: 'patrol', title, chain: `patrol:${id}`, method: 'PUT', path, body, names: id, pictures: [] }
}

export function endEntry(patrol: string, title: string, at: Date): NewEntry {
  return {
    id: newId(),
    kind: 'patrol',
    title,
    chain: `patrol:${patrol}`,
    method: 'POST',
    path: `patrols/${patrol}/end`,
    body: { ended_at: at.toISOString() },
    names: patrol,
    pictures: [],
  }
}
