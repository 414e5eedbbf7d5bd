/** Who is logged in on this device, with the database and the client of that person. */
import { liveQuery } from 'dexie'
import { computed, shallowRef } from 'vue'
import { apiFor, type Api } from '@shared/api/client'
import { device, GIVEN, PersonDb, type Session } from './db'
import { fetchInTime } from './patience'
import { language } from './settings'

export interface Person {
  session: Session
  db: PersonDb
  api: Api
}

/** Null before the first log-in. With `token` null the person is known but must log in again to send. */
export const person = shallowRef<Person | null>(null)

export const signedIn = computed(() => person.value?.session.token != null)

/** The person's database; only for pages that are shown to somebody. */
export function db(): PersonDb {
  if (!person.value) throw new Error('nobody is logged in')
  return person.value.db
}

export const clientFor = (token: string | null) => apiFor(token, () => language.value, { fetch: fetchInTime })

export function api(): Api {
  return person.value?.api ?? clientFor(null)
}

function become(session: Session): void {
  const before = person.value
  const same = before?.session.username === session.username
  if (!same) before?.db.close()
  person.value = { session, db: same ? before.db : new PersonDb(session.username), api: clientFor(session.token) }
}

function becomeNobody(): void {
  person.value?.db.close()
  person.value = null
}

const currentSession = async () => (await device.sessions.toArray()).find((one) => one.current) ?? null

/** At start: whoever used the app last, with or without signal; from then on whoever logs in or out in any tab. */
export async function resume(): Promise<void> {
  const session = await currentSession()
  if (session) become(session)
  liveQuery(currentSession).subscribe({ next: follow, error: (fault) => console.error(fault) })
}

function follow(session: Session | null): void {
  const here = person.value?.session
  if (!session) becomeNobody()
  else if (here?.username !== session.username || here.token !== session.token) become(session)
}

/** `device` is the server's name of this device's token, by which it is taken back at log-out. */
export async function signIn(username: string, name: string, token: string, deviceId = ''): Promise<void> {
  const session = { username, name, token, device: deviceId, current: true }
  await device.transaction('rw', device.sessions, async () => {
    await device.sessions.toCollection().modify({ current: false })
    await device.sessions.put(session)
  })
  become(session)
  // Asked again at each log-in: the browser then keeps the queue when the phone's storage runs low. Some ask the person.
  void navigator.storage?.persist?.().catch(() => {})
}

/** The server no longer takes this token; nothing of the person's work is touched. */
export async function expire(username: string, token: string): Promise<void> {
  await device.sessions
    .where({ username })
    .filter((one) => one.token === token)
    .modify({ token: null })
  const now = person.value?.session
  if (now?.username === username && now.token === token) become({ ...now, token: null })
}

/** Ends the session here: what the server gave is cleared, unsent work and drafts stay for the next log-in. */
export async function signOut(): Promise<void> {
  const leaving = person.value
  if (!leaving) return
  const { username, token, device: id } = leaving.session
  // Without signal the token is only forgotten here; the person can end it from the list of devices.
  if (token && id)
    void leaving.api.DELETE('/api/v1/auth/tokens/{key}', { params: { path: { key: id } } }).catch(() => {})
  // Closes the database first: an answer still on its way must not fill again what is cleared.
  becomeNobody()
  const own = new PersonDb(username)
  await own.transaction('rw', [...GIVEN], async () => {
    for (const name of GIVEN) await own.table(name).clear()
  })
  const unsent = (await own.queue.count()) + (await own.drafts.count())
  if (unsent) await device.sessions.update(username, { token: null, current: false })
  else await device.sessions.delete(username)
  if (unsent) own.close()
  else await own.delete()
}
