/** The phone's storage is full: nothing of what was asked to be stored is there, and nothing before it is lost. */
export class StorageFull extends Error {
  constructor(cause?: unknown) {
    super('the storage of this phone is full', { cause })
    this.name = 'StorageFull'
  }
}

/** Whether a fault means that; Dexie wraps the browser's own fault, sometimes twice. */
export function isFull(fault: unknown): boolean {
  const one = fault as { name?: string; inner?: unknown; cause?: unknown } | null | undefined
  if (typeof one !== 'object' || one === null) return false
  return one.name === 'QuotaExceededError' || one.name === 'StorageFull' || isFull(one.inner) || isFull(one.cause)
}

/** What `write` gives; throws `StorageFull` where it failed for want of room. */
export async function storing<T>(write: () => PromiseLike<T>): Promise<T> {
  try {
    return await write()
  } catch (fault) {
    throw isFull(fault) ? new StorageFull(fault) : fault
  }
}
