/** Made-up notices and duties for the tests. */
import type { FieldCheck, Notice, Task } from '@/store/db'

export const REPORT = '0b7c1c6e-9d0f-4a55-9a70-0d7f3c0e6a11'

export function notice(changes: Partial<Notice> = {}): Notice {
  return {
    id: 1,
    kind: 'whistle_blown',
    title: '吹哨',
    body: '',
    params: {
      ...{ number: 'WH-1', item: '路面积水', address: '文化东路', report: REPORT, reason: '水深半米' },
      ...{ whistle: 12, whistle_kind: 'emergency', unit: '水务局', caller: '崖头街道', lng: 122.4, lat: 37.1 },
      ...{ due: '05-08 16:30', due_at: '2026-05-08T16:30:00+08:00' },
    },
    urgency: 'emergency',
    subject: 'assignment',
    subject_id: '41',
    needs_receipt: true,
    created_at: '2026-05-08T16:00:00+08:00',
    ...{ delivered_at: null, seen_at: null, receipted_at: null, acked: false, rung: false, seen: false },
    ...changes,
  }
}

export function task(changes: Record<string, unknown> = {}): Task {
  return {
    id: 41,
    role: 'lead',
    status: 'issued',
    active: true,
    instruction: '',
    issued_at: '2026-05-08T16:00:00+08:00',
    ...{ department: null, assignee: null, handed_from: null, reported_in_at: null, left_at: null, released_at: null },
    report: {
      ...{
        id: REPORT,
        number: 'WH-1',
        item: '0101',
        item_name: '路面积水',
        address: '文化东路',
        lng: 122.4,
        lat: 37.1,
      },
      ...{ urgency: 'normal', description: '', status: 'in_progress', received_at: '2026-05-08T15:00:00+08:00' },
    },
    whistle: null,
    clocks: [],
    requests: [],
    allowed: [],
    ...changes,
  } as unknown as Task
}

export function clock(kind: string, due: string, changes: Record<string, unknown> = {}) {
  return { id: 1, kind, assignment: 41, due_at: due, yellow_at: null, running: true, ...changes }
}

export function check(changes: Partial<FieldCheck> = {}): FieldCheck {
  return {
    ...{ id: 5, report: REPORT, stage: 'report', status: 'asked', item_name: '暴露垃圾', address: '海滨路' },
    ...{ due_at: '2026-05-08T16:30:00+08:00', light: 'green', report_lng: 122.4, report_lat: 37.1 },
    ...changes,
  } as unknown as FieldCheck
}
