/** 签收: the person signs for a notice; carried by the queue, since it must survive having no signal. */
import { enqueue } from '@/queue'
import { newId } from '@shared/ids'
import type { Notice } from '@/store/db'
import { db } from '@/store/session'
import { idsAbout, markReceipted } from './keep'

export const receiptChain = (notice: Pick<Notice, 'id'>) => `notice:${notice.id}`

export async function signFor(notice: Notice): Promise<void> {
  await enqueue({
    id: newId(),
    kind: 'step',
    title: notice.title,
    chain: receiptChain(notice),
    method: 'POST',
    path: `notifications/${notice.id}/receipt`,
    body: {},
    names: String(notice.id),
    pictures: [],
  })
  await markReceipted(db(), [notice.id])
}

/** All notices that called to this duty or check are signed for with it, as the server does. */
export async function signedWith(subject: 'assignment' | 'field_check', id: string): Promise<void> {
  await markReceipted(db(), await idsAbout(db(), subject, id))
}
