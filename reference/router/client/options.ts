/** Takes the start-up parameter `options` apart as Postgres does: words with backslash escapes, `-c name=value` and `--name=value`. */

/** Words of the text; white space ends a word unless a backslash stands before it. */
export function splitOptions(text: string): string[] {
  const words: string[] = []
  let word: string | null = null
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (/\s/.test(letter)) {
      if (word !== null) words.push(word)
      word = null
    } else if (letter === '\\') word = (word ?? '') + (text[++at] ?? '')
    else word = (word ?? '') + letter
  }
  if (word !== null) words.push(word)
  return words
}

/** The parameters in order, or null when there is anything but settings of parameters. */
export function readOptions(text: string): [name: string, value: string][] | null {
  const words = splitOptions(text)
  const settings: [string, string][] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const setting = word === '-c' ? words[++at] : /^-[c-]/.test(word) ? word.slice(2) : undefined
    const equals = setting?.indexOf('=') ?? -1
    if (setting === undefined || equals < 1) return null
    settings.push([setting.slice(0, equals).replaceAll('-', '_'), setting.slice(equals + 1)])
  }
  return settings
}
