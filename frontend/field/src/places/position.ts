/** Where the phone is. */
import { shallowRef, watch } from 'vue'
import type { Place } from '@/store/db'
import { person } from '@/store/session'

/** Good enough for a grid and a door; better ones are still taken while somebody looks. */
const GOOD_METRES = 30
const BEST_WITHIN_MS = 8_000
const GIVE_UP_MS = 30_000

/** refused: the person or the phone forbids it · insecure: the page came without TLS · missing: no fix to be had. */
export type WhyNoPosition = 'refused' | 'insecure' | 'missing'

export class NoPosition extends Error {
  constructor(readonly why: WhyNoPosition) {
    super(`no position: ${why}`)
    this.name = 'NoPosition'
  }
}

/** The phone's last fix; after a restart the one before it. Never a place chosen on the map. */
export const lastPlace = shallowRef<Place | null>(null)

watch(
  () => person.value?.db,
  async (db) => {
    lastPlace.value = null
    const kept = await db?.kept.get('place')
    if (kept && !lastPlace.value) lastPlace.value = kept.value as Place
  },
  { immediate: true },
)

function remember(place: Place): void {
  lastPlace.value = place
  // Only for the next start; a full storage is no reason to have no position.
  person.value?.db.kept.put({ key: 'place', value: place }).catch(() => {})
}

const asPlace = ({ coords, timestamp }: GeolocationPosition): Place => ({
  lng: coords.longitude,
  lat: coords.latitude,
  accuracy: Math.round(coords.accuracy),
  at: new Date(timestamp).toISOString(),
  moved: false,
})

/** Calls `take` with the first fix and each better one until it is good; `failed` if there is none. Returns an end. */
export function following(take: (place: Place) => void, failed: (why: WhyNoPosition) => void): () => void {
  if (!window.isSecureContext || !navigator.geolocation) {
    failed(window.isSecureContext ? 'missing' : 'insecure')
    return () => {}
  }
  let best: Place | null = null
  const end = () => {
    navigator.geolocation.clearWatch(watching)
    clearTimeout(giveUp)
  }
  const giveUp = setTimeout(() => {
    end()
    if (!best) failed('missing')
  }, GIVE_UP_MS)
  const watching = navigator.geolocation.watchPosition(
    (position) => {
      const place = asPlace(position)
      if (best && place.accuracy! > best.accuracy!) return
      best = place
      remember(place)
      take(place)
      if (place.accuracy! <= GOOD_METRES) end()
    },
    (fault) => {
      // With one fix in hand a better one may still come; a refusal is final.
      if (fault.code !== fault.PERMISSION_DENIED && best) return
      end()
      failed(fault.code === fault.PERMISSION_DENIED ? 'refused' : 'missing')
    },
    { enableHighAccuracy: true, maximumAge: 15_000, timeout: GIVE_UP_MS },
  )
  return end
}

/** A good fix, or the best of the first seconds. Throws `NoPosition`. */
export function currentPosition(): Promise<Place> {
  return new Promise((resolve, reject) => {
    let best: Place | null = null
    let patient = true
    const settle = (place: Place) => {
      end()
      resolve(place)
    }
    const end = following(
      (place) => {
        best = place
        if (!patient || place.accuracy! <= GOOD_METRES) settle(place)
      },
      (why) => reject(new NoPosition(why)),
    )
    setTimeout(() => {
      patient = false
      if (best) settle(best)
    }, BEST_WITHIN_MS)
  })
}
