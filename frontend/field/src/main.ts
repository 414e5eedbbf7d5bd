import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { resume } from './store/session'
import { vant } from './vant'
import { i18n, ready } from './words'
import './base.css'

void Promise.all([resume(), ready]).then(() => createApp(App).use(i18n).use(router).use(vant).mount('#app'))
