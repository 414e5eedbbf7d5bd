/** A short word over the page that goes by itself, and is read aloud. */
import { nextTick } from 'vue'
import { showFailToast, showSuccessToast } from 'vant'
import { isFull } from '@/store/storage'
import { t } from '@/words'

/** Over a whistle's card, too. */
const ABOVE = 5000
const FAULT_MS = 6_000

export function tellDone(message: string): void {
  showSuccessToast({ message, zIndex: ABOVE })
  void readAloud('status')
}

export function tellFault(message: string): void {
  showFailToast({ message, zIndex: ABOVE, duration: FAULT_MS })
  void readAloud('alert')
}

/** Whether the phone had room for what `write` stores; where it had none, it is said. */
export async function stored(write: () => Promise<unknown>, full = t('tasks.storageFull')): Promise<boolean> {
  try {
    await write()
    return true
  } catch (fault) {
    if (!isFull(fault)) throw fault
    tellFault(full)
    return false
  }
}

/** Vant calls it a dialog, which it is not. */
async function readAloud(role: string): Promise<void> {
  await nextTick()
  await nextTick()
  for (const toast of document.querySelectorAll('.van-toast')) toast.setAttribute('role', role)
}
