/** The door of measuring: record rounds of blocks, ask a question, get a result with its interval, its conditions and its verdict. */
export { answer, type Question, type Terms } from './measure/measured.ts'
export { judge } from './measure/judge.ts'
export { disturbanceOf, watchMachine } from './measure/machine.ts'
export { profileOf, type Profile } from './measure/profiles.ts'
export { Recording, type Arm } from './measure/recording.ts'
export { bootstrap, mean, quantile, type Estimate } from './measure/statistics.ts'
export { Undecided } from './measure/undecided.ts'
