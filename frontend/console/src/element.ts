/** The parts of Element Plus that pages use, registered once: `<el-button>` and so on. Add here what a page needs. */
import type { App } from 'vue'
import {
  ElAlert,
  ElBadge,
  ElButton,
  ElCard,
  ElCheckbox,
  ElCheckboxGroup,
  ElConfigProvider,
  ElDatePicker,
} from 'element-plus'
import {
  ElDescriptions,
  ElDescriptionsItem,
  ElDialog,
  ElDrawer,
  ElDropdown,
  ElDropdownItem,
  ElDropdownMenu,
} from 'element-plus'
import {
  ElEmpty,
  ElForm,
  ElFormItem,
  ElImage,
  ElInput,
  ElInputNumber,
  ElLoading,
  ElOption,
  ElPopover,
  ElProgress,
} from 'element-plus'
import {
  ElRadio,
  ElRadioButton,
  ElRadioGroup,
  ElRate,
  ElSelect,
  ElSkeleton,
  ElSwitch,
  ElTabPane,
  ElTable,
} from 'element-plus'
import { ElTableColumn, ElTabs, ElTag, ElTimeline, ElTimelineItem, ElTooltip, ElUpload } from 'element-plus'
import 'element-plus/dist/index.css'

const PARTS = [
  ...[ElAlert, ElBadge, ElButton, ElCard, ElCheckbox, ElCheckboxGroup, ElConfigProvider, ElDatePicker, ElDescriptions],
  ...[ElDescriptionsItem, ElDialog, ElDrawer, ElDropdown, ElDropdownItem, ElDropdownMenu, ElEmpty, ElForm, ElFormItem],
  ...[
    ElImage,
    ElInput,
    ElInputNumber,
    ElLoading,
    ElOption,
    ElPopover,
    ElProgress,
    ElRadio,
    ElRadioButton,
    ElRadioGroup,
  ],
  ...[
    ElRate,
    ElSelect,
    ElSkeleton,
    ElSwitch,
    ElTabPane,
    ElTable,
    ElTableColumn,
    ElTabs,
    ElTag,
    ElTimeline,
    ElTimelineItem,
  ],
  ...[ElTooltip, ElUpload],
]

export const element = { install: (app: App) => PARTS.forEach((part) => app.use(part)) }
