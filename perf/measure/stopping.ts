/**
 * Looking several times and stopping when it is decided makes false alarms likelier, unless each look demands more. Ours demand the same of each
 * look, after S. J. Pocock, "Group sequential methods in the design and analysis of clinical trials" (1977); intervals at those levels are
 * repeated confidence intervals (C. Jennison and B. Turnbull, 1989): together they hold at 95 %, whenever one stops.
 */

/** Pocock's critical values for two-sided 5 %, by the number of looks that are planned; as levels of the interval at each look. */
const levels = [0.95, 0.9706, 0.9779, 0.9818, 0.9842] as const

/** The level at which each of so many looks has to be taken. */
export function levelOfLook(looks: number): number {
  const level = levels[looks - 1]
  if (level === undefined) throw new Error(`${looks} looks: 1 to ${levels.length} can be planned`)
  return level
}
