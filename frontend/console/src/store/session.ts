/** Who works at this desk: a session of the browser, ended by the server after it was left idle. */
import { computed, ref, shallowRef } from 'vue'
import { apiFor, Refused, said, type Api, type Schemas } from '@shared/api/client'
import { language } from './settings'

export type Me = Schemas['MeOut']
export type Can = Me['can'][number]

export const me = shallowRef<Me | null>(null)
/** The session has ended under the hands of the person: what is on screen stays, a log-in comes on top. */
export const ended = ref(false)

let csrf = ''

export const api: Api = apiFor(null, () => language.value)
api.use({
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-CSRFToken', csrf)
    return request
  },
  onResponse({ response, request }) {
    if (response.status === 401 && me.value && !request.url.endsWith('/auth/session')) ended.value = true
    return response
  },
})

export const roles = computed(() => new Set(me.value?.appointments.map((held) => held.role)))

export function can(...any: Can[]): boolean {
  return me.value !== null && (me.value.is_superuser || any.some((one) => me.value!.can.includes(one)))
}

async function meet(): Promise<void> {
  me.value = await said(api.GET('/api/v1/me'))
  ended.value = false
}

/** At start: the session this browser has, if any; who it is of is asked at the same time. */
export async function resume(): Promise<void> {
  const [session, person] = await Promise.all([
    said(api.GET('/api/v1/auth/session')),
    said(api.GET('/api/v1/me')).catch((fault: unknown) => {
      if (fault instanceof Refused) return null
      throw fault
    }),
  ])
  csrf = session.csrf_token
  me.value = person
}

/** Throws `Refused` with the server's sentence. */
export async function signIn(username: string, password: string, code: string): Promise<void> {
  const before = me.value?.username
  const session = await said(api.POST('/api/v1/auth/session', { body: { username, password, code } }))
  csrf = session.csrf_token
  // Another person's desk starts from an empty page: nothing of the one before may stay on screen.
  if (before && before !== session.username) location.reload()
  await meet()
}

export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/auth/session')
  me.value = null
  location.hash = ''
  location.reload()
}
