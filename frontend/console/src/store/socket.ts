/** The desk's line to the server: notices, acknowledged when they are kept, and which reports have changed. */
import { ref, shallowRef } from 'vue'
import { NoticeLink } from '@shared/notices/link'
import { ringOnce, unlockSound } from '@shared/notices/sound'
import type { Schemas } from '@shared/api/client'
import { connected, tell } from './changes'
import { ended } from './session'
import { sound } from './settings'

export type Notice = Pick<
  Schemas['Notification'],
  'id' | 'kind' | 'urgency' | 'title' | 'body' | 'subject' | 'subject_id' | 'created_at'
>

const KEPT = 200

/** What came since the desk was opened, the newest first. */
export const notices = shallowRef<Notice[]>([])
/** How many of them have not been looked at. */
export const unseen = ref(0)

let link: NoticeLink<Notice> | null = null

function keep(came: Notice[]): void {
  const known = new Set(notices.value.map((one) => one.id))
  const fresh = came.filter((one) => !known.has(one.id))
  if (!fresh.length) return
  notices.value = [...fresh, ...notices.value].sort((a, b) => b.id - a.id).slice(0, KEPT)
  unseen.value += fresh.length
  if (sound.value === 'on' && fresh.some((one) => one.urgency === 'emergency')) ringOnce()
}

/** Until `stopSocket`; called again it does nothing. */
export function startSocket(): void {
  if (link) return
  unlockSound()
  link = new NoticeLink<Notice>({
    open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/notifications/`),
    token: null,
    random: Math.random,
    store: async (items) => keep(items),
    acked: async () => {},
    expired: () => {
      stopSocket()
      ended.value = true
    },
    up: (is) => {
      connected.value = is
      // Whatever changed while it was down was not told.
      if (is) tell(null)
    },
    changed: (reports) => tell(reports === null ? null : new Set(reports)),
  })
  link.start()
  window.addEventListener('online', nudge)
  document.addEventListener('visibilitychange', nudge)
}

export function stopSocket(): void {
  link?.stop()
  link = null
  connected.value = false
  window.removeEventListener('online', nudge)
  document.removeEventListener('visibilitychange', nudge)
}

function nudge(): void {
  if (document.visibilityState === 'visible') link?.nudge()
}
