/** Quantiles of Student's distribution: how far a mean of few values may lie from the truth. */

/** The value below which the share `p` (0 to 1) of the distribution lies; `df` may be Infinity for the normal one. */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0
  if (p < 0.5) return -studentQuantile(1 - p, df)
  let [low, high] = [0, 2]
  while (shareBelow(high, df) < p) [low, high] = [high, high * 2]
  for (let i = 0; i < 48; i++) {
    const middle = (low + high) / 2
    if (shareBelow(middle, df) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Of positive t. */
function shareBelow(t: number, df: number): number {
  const usedDf = Math.min(df, 1e6)
  return 1 - incompleteBeta(usedDf / (usedDf + t * t), usedDf / 2, 0.5) / 2
}

/** The regularised incomplete beta function, by its continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b))
  return (front / a) * betaFraction(x, a, b)
}

function betaFraction(x: number, a: number, b: number): number {
  const least = 1e-300
  const keep = (value: number) => (Math.abs(value) < least ? least : value)
  let c = 1
  let d = 1 / keep(1 - ((a + b) * x) / (a + 1))
  let product = d
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / keep(1 + even * d)
    c = keep(1 + even / c)
    product *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / keep(1 + odd * d)
    c = keep(1 + odd / c)
    product *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return product
}

/** Stirling's series, after lifting the argument to where it is exact enough. */
function logGamma(x: number): number {
  let shift = 0
  let y = x
  for (; y < 10; y++) shift -= Math.log(y)
  const inverse = 1 / (y * y)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / y
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series
}
