/** How far something is from here, by the phone's last fix. */
import { computed, type Ref } from 'vue'
import { inWords, metresBetween, type Point } from '@/places/geo'
import { currentPosition, lastPlace } from '@/places/position'
import { t } from '@/words'

/** A fix older than this says nothing about where one is now. */
const FRESH = 30 * 60_000

export function farFrom(point: Point | null): string {
  const here = lastPlace.value
  if (!point || !here || Date.now() - Date.parse(here.at) > FRESH) return ''
  return t('tasks.distance', { far: inWords(metresBetween(here, point)) })
}

export const pointOf = (at: { lng: number | null; lat: number | null }): Point | null =>
  at.lng === null || at.lat === null ? null : { lng: at.lng, lat: at.lat }

export const useDistance = (point: Ref<Point | null>) => computed(() => farFrom(point.value))

/** Finds out where the phone is where that was allowed before; a list or a call is no reason to ask. */
export async function locateQuietly(): Promise<void> {
  const allowed = await navigator.permissions?.query({ name: 'geolocation' }).catch(() => null)
  if (allowed?.state === 'granted') await currentPosition().catch(() => null)
}
