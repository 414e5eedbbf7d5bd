/** Which page an address shows. Hash addresses, so that the server needs to know of one page only. */
import { watch } from 'vue'
import { createRouter, createWebHashHistory } from 'vue-router'
import HomePage from '@/pages/HomePage.vue'
import { person } from '@/store/session'

export const router = createRouter({
  history: createWebHashHistory('/field/'),
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
  routes: [
    { path: '/', name: 'home', component: HomePage, meta: { tab: 'home' } },
    { path: '/login', name: 'login', component: () => import('@/pages/LogInPage.vue'), meta: { open: true } },
    { path: '/report/new', name: 'new-report', component: () => import('@/pages/NewReportPage.vue') },
    { path: '/reports', name: 'reports', component: () => import('@/pages/MyReportsPage.vue') },
    { path: '/reports/:id', name: 'report', component: () => import('@/pages/ReportPage.vue'), props: true },
    { path: '/queue', name: 'queue', component: () => import('@/pages/QueuePage.vue') },
    { path: '/tasks', name: 'tasks', component: () => import('@/pages/TasksPage.vue'), meta: { tab: 'tasks' } },
    { path: '/tasks/:id', name: 'task', component: () => import('@/pages/TaskPage.vue'), props: true },
    { path: '/checks/:id', name: 'check', component: () => import('@/pages/FieldCheckPage.vue'), props: true },
    { path: '/notices', name: 'notices', component: () => import('@/pages/NoticesPage.vue') },
    { path: '/visits', name: 'visits', component: () => import('@/pages/VisitsPage.vue'), meta: { tab: 'visits' } },
    { path: '/households/:id', name: 'household', component: () => import('@/pages/HouseholdPage.vue'), props: true },
    { path: '/households/:id/visit', name: 'visit', component: () => import('@/pages/NewVisitPage.vue'), props: true },
    { path: '/map', name: 'map', component: () => import('@/pages/MapPage.vue') },
    { path: '/patrol', name: 'patrol', component: () => import('@/pages/PatrolPage.vue') },
    { path: '/mine', name: 'mine', component: () => import('@/pages/MinePage.vue'), meta: { tab: 'mine' } },
    { path: '/contacts', name: 'contacts', component: () => import('@/pages/ContactsPage.vue') },
    { path: '/knowledge', name: 'knowledge', component: () => import('@/pages/KnowledgePage.vue') },
    { path: '/settings', name: 'settings', component: () => import('@/pages/SettingsPage.vue'), meta: { open: true } },
    { path: '/about', name: 'about', component: () => import('@/pages/AboutPage.vue'), meta: { open: true } },
    { path: '/:elsewhere(.*)*', redirect: '/' },
  ],
})

router.beforeEach((to) => {
  if (person.value || to.meta.open) return true
  return { name: 'login', query: to.name === 'home' ? {} : { to: to.fullPath } }
})

// Whoever logs out, here or in another tab, has no page to stay on.
watch(person, (who) => {
  if (!who && !router.currentRoute.value.meta.open) void router.replace({ name: 'login' })
})
