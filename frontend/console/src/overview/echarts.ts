/** The parts of ECharts that the overview draws with; loaded only there. */
import { PieChart } from 'echarts/charts'
import { init, use, type ComposeOption, type EChartsType } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { PieSeriesOption } from 'echarts/charts'

use([PieChart, SVGRenderer])

export type ChartOption = ComposeOption<PieSeriesOption>
export type Drawn = EChartsType

export function draw(into: HTMLElement): Drawn {
  return init(into, undefined, { renderer: 'svg' })
}
