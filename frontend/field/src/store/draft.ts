/** A form that survives whatever happens to the page: kept at every change, found again when it is opened. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { db } from './session'
import { isFull } from './storage'

export interface KeptForm<T> {
  form: Ref<T>
  /** Resolves when a draft was looked for. */
  ready: Promise<void>
  restored: Ref<boolean>
  /** The phone has no room: what is typed lives only as long as the page. */
  unkept: Ref<boolean>
  /** A new form; the draft is gone when it resolves. */
  clear(): Promise<void>
}

/** Whether what a form names is in the queue: it was sent, and the page ended before its draft was gone. */
export const isQueued = async ({ id }: { id: string }) => (await db().queue.get(id)) !== undefined

/** `isBlank` forms are not kept; `isDone` ones were sent and are not shown again. */
export function keptForm<T extends object>(
  key: string,
  blank: () => T,
  isBlank: (form: T) => boolean,
  isDone: (form: T) => Promise<boolean> = async () => false,
): KeptForm<T> {
  const { drafts } = db()
  const form = ref(blank()) as Ref<T>
  const restored = shallowRef(false)
  const unkept = shallowRef(false)
  let writing: Promise<void> | null = null
  let changed = false

  async function write() {
    while (changed) {
      changed = false
      const plain = JSON.parse(JSON.stringify(form.value)) as T
      try {
        if (isBlank(plain)) await drafts.delete(key)
        else await drafts.put({ key, at: new Date().toISOString(), form: plain })
        unkept.value = false
      } catch (fault) {
        unkept.value = true
        if (!isFull(fault)) console.error(fault)
      }
    }
    writing = null
  }

  function keep() {
    changed = true
    writing ??= write()
    return writing
  }

  async function load() {
    const draft = await drafts.get(key)
    if (!draft) return
    const found = { ...blank(), ...(draft.form as T) }
    if (await isDone(found)) return drafts.delete(key)
    form.value = found
    restored.value = true
  }

  const ready = load()
    .catch((fault) => console.error(fault))
    .then(() => {
      watch(form, keep, { deep: true, flush: 'sync' })
    })

  async function clear() {
    form.value = blank()
    restored.value = false
    await keep()
  }

  return { form, ready, restored, unkept, clear }
}
