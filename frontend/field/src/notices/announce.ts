/** Tells of new notices outside the page: the system's own notification, whose tap opens what it is about. */
import { ref } from 'vue'
import { router } from '@/router'
import type { Notice, PersonDb } from '@/store/db'
import { noteRung } from './keep'
import { nearestPlaceOf } from './places'

/** When a day of notices comes at once, only the newest are told. */
const MOST = 3

export type Permission = NotificationPermission | 'missing'

export const permission = ref<Permission>('Notification' in globalThis ? Notification.permission : 'missing')

/** Asked by a button, never by itself. */
export async function askPermission(): Promise<void> {
  if ('Notification' in globalThis) permission.value = await Notification.requestPermission()
}

const matters = (notice: Notice) => notice.urgency !== 'normal' || notice.needs_receipt

/** Each notice rings once on this phone, however often it comes. */
export async function announce(db: PersonDb, fresh: Notice[]): Promise<void> {
  const unrung = fresh.filter((notice) => !notice.rung)
  await noteRung(
    db,
    unrung.map((notice) => notice.id),
  )
  if (document.visibilityState === 'visible' || permission.value !== 'granted') return
  const told = unrung.filter((notice) => matters(notice) && !notice.seen).sort((a, b) => b.id - a.id)
  const worker = await navigator.serviceWorker?.getRegistration()
  if (!worker) return
  for (const notice of told.slice(0, MOST)) {
    const place = (await nearestPlaceOf(notice, db)) ?? { name: 'notices' }
    const options = {
      body: notice.body,
      tag: `notice:${notice.id}`,
      icon: '/field/icon-192.png',
      requireInteraction: notice.urgency !== 'normal',
      vibrate: [400, 150, 400],
      data: { url: `/field/${router.resolve(place).href.replace(/^.*#/, '#')}` },
    }
    await worker.showNotification(notice.title, options as NotificationOptions).catch(() => {})
  }
}
