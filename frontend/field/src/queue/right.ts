/** The right to send: one tab at a time, however many are open. */
import { device } from '@/store/db'
import { newId } from '@shared/ids'

const RENEW_MS = 5_000
const LEASE_MS = 20_000

/**
 * Waits until no other tab works under this name, then works until it ends or `signal` calls it off. The signal given to
 * `work` also says when the right was lost; it is then waited for again.
 */
export async function alone(
  name: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (!navigator.locks) return leased(name, signal, work)
  try {
    await navigator.locks.request(name, { signal }, () => work(signal))
  } catch (fault) {
    if (!signal.aborted) throw fault
  }
}

/** For browsers without locks, and pages without TLS: a row that its holder renews while it works. */
async function leased(name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const key = `right:${name}`
  const holder = newId()
  const held = async () => (await device.settings.get(key))?.value as { holder: string; until: number } | undefined

  const take = () =>
    device.transaction('rw', device.settings, async () => {
      const other = await held()
      if (other && other.holder !== holder && other.until > Date.now()) return false
      await device.settings.put({ key, value: { holder, until: Date.now() + LEASE_MS } })
      return true
    })
  const giveBack = () =>
    device.transaction('rw', device.settings, async () => {
      if ((await held())?.holder === holder) await device.settings.delete(key)
    })

  while (!signal.aborted) {
    const taken = await take().catch((fault) => console.error(fault))
    if (!taken) {
      await new Promise((resolve) => setTimeout(resolve, RENEW_MS))
      continue
    }
    const lost = new AbortController()
    const off = () => lost.abort()
    signal.addEventListener('abort', off)
    // A tab that slept too long finds another at work.
    const renewing = setInterval(() => void take().then((still) => still || off(), console.error), RENEW_MS)
    try {
      await work(lost.signal)
    } finally {
      clearInterval(renewing)
      signal.removeEventListener('abort', off)
      await giveBack()
    }
    if (!lost.signal.aborted) return
  }
}
