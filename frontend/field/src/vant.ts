/** The parts of Vant that pages use, registered once: `<van-button>` and so on. Add here what a page needs, and only that. */
import type { App } from 'vue'
import { Button, Cell, CellGroup, Checkbox, Collapse, CollapseItem, Field, Icon, Loading, Popup } from 'vant'
import { PullRefresh, Search, Switch, Tabbar, TabbarItem } from 'vant'
import 'vant/lib/index.css'

const PARTS = [
  ...[Button, Cell, CellGroup, Checkbox, Collapse, CollapseItem, Field, Icon, Loading, Popup],
  ...[PullRefresh, Search, Switch, Tabbar, TabbarItem],
]

export const vant = { install: (app: App) => PARTS.forEach((part) => app.use(part)) }
