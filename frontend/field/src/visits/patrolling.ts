/** Follows the patrols of the person, and begins and ends one. */
import { said, type Schemas } from '@shared/api/client'
import { computed, shallowRef, type ComputedRef, type Ref } from 'vue'
import { enqueue } from '@/queue'
import type { Entry } from '@/queue/entry'
import { answer } from '@/store/answers'
import type { Place } from '@/store/db'
import { live } from '@/store/live'
import { api, db, person } from '@/store/session'
import { t } from '@/words'
import { dayOf } from './days'
import { today as presentDay } from './following'
import { checkInEntry, endEntry, isRunning, patrolsOf, type Patrol } from './patrols'

const NOTED = 'patrols'
const DAYS_NOTED = 2

type Told = Schemas['PatrolOut']

const queued = () => live<Entry[]>(({ db }) => db.queue.filter((one) => one.kind === 'patrol').sortBy('seq'), [])
const noted = () => live(async ({ db }) => ((await db.kept.get(NOTED))?.value ?? []) as Patrol[], [] as Patrol[])

function following(told: Ref<Told[] | null>): ComputedRef<Patrol[]> {
  const [queue, notes, today] = [queued(), noted(), presentDay()]
  return computed(() => patrolsOf(queue.value, notes.value, told.value ?? [], today.value))
}

/** Of today, newest first, also as the server knows them where it can be asked. */
export function patrols(): ComputedRef<Patrol[]> {
  const worker = person.value!.session.username
  const told = answer<Told[]>('patrols', async () => {
    const page = await said(api().GET('/api/v1/patrols', { params: { query: { worker } } }))
    return page.results
  })
  return following(told.data)
}

/** The one under way as far as the phone knows, without asking anybody. */
export function runningPatrol(): ComputedRef<Patrol | null> {
  const all = following(shallowRef(null))
  return computed(() => all.value.find(isRunning) ?? null)
}

/** The queue holds it first; the note lets the phone know of it after it was sent. */
export async function checkIn(place: Place, grid: string, note: string): Promise<void> {
  const at = new Date()
  const entry = checkInEntry(place, note, t('visits.patrol.entry', { grid }), at)
  await enqueue(entry)
  await remember({ id: entry.id, grid, note: note.trim(), startedAt: at.toISOString(), endedAt: null, sending: null })
}

export async function endPatrol(patrol: Patrol): Promise<void> {
  const at = new Date()
  await enqueue(endEntry(patrol.id, t('visits.patrol.entryEnd', { grid: patrol.grid }), at))
  await remember({ ...patrol, endedAt: at.toISOString(), sending: null })
}

async function remember(patrol: Patrol): Promise<void> {
  const { kept } = db()
  const oldest = dayOf(Date.now() - DAYS_NOTED * 86_400_000)
  await kept.db.transaction('rw', kept, async () => {
    const before = ((await kept.get(NOTED))?.value ?? []) as Patrol[]
    const others = before.filter((one) => one.id !== patrol.id && dayOf(one.startedAt) >= oldest)
    await kept.put({ key: NOTED, value: [...others, { ...patrol }] })
  })
}
