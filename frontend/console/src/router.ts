/** Which page an address shows, and who finds it in the menu. */
import { createRouter, createWebHashHistory } from 'vue-router'
import { can, type Can } from '@/store/session'

/** The menu, in its order; `can`: any of these opens it. */
export const MENU: { name: string; icon: string; can: Can[] }[] = [
  { name: 'board', icon: 'Tickets', can: ['view_reports'] },
  { name: 'duties', icon: 'Checked', can: ['handle_assignment', 'lead_unit'] },
  { name: 'whistles', icon: 'Bell', can: ['view_reports', 'handle_assignment', 'lead_unit'] },
  {
    name: 'requests',
    icon: 'Stamp',
    can: ['dispatch_report', 'approve_whistle', 'supervise_report', 'handle_assignment'],
  },
  { name: 'supervision', icon: 'Flag', can: ['view_reports', 'supervise_report', 'handle_assignment', 'lead_unit'] },
  { name: 'callback', icon: 'Phone', can: ['call_back'] },
  { name: 'overview', icon: 'DataBoard', can: ['view_reports'] },
  { name: 'households', icon: 'House', can: ['view_households'] },
  { name: 'visits', icon: 'Guide', can: ['view_households'] },
  { name: 'roster', icon: 'Calendar', can: ['view_reports', 'handle_assignment', 'lead_unit'] },
  { name: 'announcements', icon: 'ChatLineSquare', can: ['view_reports', 'handle_assignment'] },
  { name: 'volunteers', icon: 'UserFilled', can: ['view_reports'] },
]

export const open = (name: string) => can(...(MENU.find((entry) => entry.name === name)?.can ?? []))

export const router = createRouter({
  history: createWebHashHistory('/console/'),
  routes: [
    {
      path: '/',
      name: 'start',
      redirect: () => ({ name: MENU.find((entry) => can(...entry.can))?.name ?? 'announcements' }),
    },
    {
      path: '/board',
      name: 'board',
      component: () => import('@/pages/BoardPage.vue'),
      children: [{ path: ':id', name: 'board-report', component: () => import('@/pages/ReportPage.vue'), props: true }],
    },
    { path: '/reports/:id', name: 'report', component: () => import('@/pages/ReportPage.vue'), props: true },
    { path: '/duties', name: 'duties', component: () => import('@/pages/DutiesPage.vue') },
    { path: '/whistles', name: 'whistles', component: () => import('@/pages/WhistlesPage.vue') },
    { path: '/whistles/:id', name: 'whistle', component: () => import('@/pages/WhistleWatchPage.vue'), props: true },
    { path: '/requests', name: 'requests', component: () => import('@/pages/RequestsPage.vue') },
    { path: '/supervision', name: 'supervision', component: () => import('@/pages/SupervisionPage.vue') },
    { path: '/callback', name: 'callback', component: () => import('@/pages/CallbackPage.vue') },
    { path: '/overview', name: 'overview', component: () => import('@/pages/OverviewPage.vue') },
    { path: '/figures', name: 'figures', component: () => import('@/pages/FigureListPage.vue') },
    { path: '/households', name: 'households', component: () => import('@/pages/HouseholdsPage.vue') },
    { path: '/visits', name: 'visits', component: () => import('@/pages/VisitsPage.vue') },
    { path: '/roster', name: 'roster', component: () => import('@/pages/RosterPage.vue') },
    { path: '/announcements', name: 'announcements', component: () => import('@/pages/AnnouncementsPage.vue') },
    { path: '/volunteers', name: 'volunteers', component: () => import('@/pages/VolunteersPage.vue') },
    { path: '/:elsewhere(.*)*', redirect: '/' },
  ],
})
