/** Who is to get a duty: units and people in the order they were chosen, with exactly one lead where one is wanted. */
import type { Schemas } from '@shared/api/client'
import type { Found } from '@/parts/found'

export type DutyRole = Schemas['AssignmentRole']

/** The code is that of the unit or the user name of the person. */
export interface Party extends Found {
  kind: 'department' | 'assignee'
}

export interface Target extends Party {
  role: DutyRole
}

const same = (one: Party, other: Party) => one.kind === other.kind && one.code === other.code

/** With the party in this role; the lead there was becomes an assist, so that there is never a second one. */
export function withTarget(targets: readonly Target[], party: Party, role: DutyRole): Target[] {
  const known = targets.some((one) => same(one, party))
  const others = targets.map<Target>((one) => {
    if (same(one, party)) return { ...one, role }
    return role === 'lead' && one.role === 'lead' ? { ...one, role: 'assist' } : one
  })
  return known ? others : [...others, { ...party, role }]
}

export function withoutTarget(targets: readonly Target[], party: Party): Target[] {
  return targets.filter((one) => !same(one, party))
}

/** The role for one more: lead as long as one is wanted and missing. */
export function nextRole(targets: readonly Target[], wantsLead: boolean): DutyRole {
  return wantsLead && !targets.some((one) => one.role === 'lead') ? 'lead' : 'assist'
}

/** As the server takes it. */
export function assignmentsOf(targets: readonly Target[]): Schemas['TargetInRequest'][] {
  return targets.map(({ kind, code, role }) =>
    kind === 'department' ? { role, department: code } : { role, assignee: code },
  )
}

/** Whether the report has somebody in charge already: then only helpers and notices can be added. */
export const hasLead = (report: Schemas['ReportDetail']) =>
  report.assignments.some((duty) => duty.active && duty.role === 'lead')
