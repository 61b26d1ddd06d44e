/** Algorithms, dates and audiences: which of them the gateway takes in a token, and what it says of the others. */
import { wish } from '../kit.ts'
import { mintByOtherAlgorithm, mintUnsigned } from './forgeries.ts'
import { expectAccepted, expectReason, expectRefused, present } from './verdicts.ts'

const leewaySeconds = 30
const spec = wish({ gateway: { leewaySeconds } })

spec('JWT-011', async (trial) => {
  const { stack, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'the pinned algorithm': genuine })
  const unsigned = await present(trial, await mintUnsigned(trial, genuine))
  const other = await present(trial, await mintByOtherAlgorithm(trial, genuine))

  await prove('none', () => {
    expectAccepted(first)
    expectRefused(unsigned, stack)
  })
  await prove('other', () => {
    expectAccepted(first)
    expectRefused(other, stack)
  })
  await prove('reason', () => expectReason([...unsigned, ...other], 'unsupported_algorithm'))
})

spec('JWT-012', async (trial) => {
  const { stack, mint, prove } = trial
  const ended = (secondsAgo: number) => {
    const now = Math.floor(Date.now() / 1000)
    return mint({ claims: { iat: now - 3600, exp: now - secondsAgo } })
  }
  const verdictsOn = async (secondsAgo: readonly number[]) => {
    const verdicts = []
    for (const ago of secondsAgo) {
      const token = await ended(ago)
      verdicts.push(...(await present(trial, { [`expired ${ago} s ago`]: token, [`expired ${ago} s ago, again`]: token })))
    }
    return verdicts
  }
  const within = await verdictsOn([10, 1, leewaySeconds - 10])
  const beyond = await verdictsOn([60, leewaySeconds + 1, 3000])

  await prove('within', () => expectAccepted(within))
  await prove('beyond', () => {
    expectRefused(beyond, stack)
    if (stack.can('audit-log').here) expectReason(beyond, 'token_expired')
  })
})

spec('JWT-016', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const now = Math.floor(Date.now() / 1000)
  const startsIn = (seconds: number) => mint({ claims: { nbf: now + seconds } })
  const token = await startsIn(600)
  try {
    const early = [
      ...(await present(trial, { 'ten minutes early': token })),
      ...(await present(trial, {
        'a little more than the leeway early': await startsIn(leewaySeconds + 15),
        'a year early': await startsIn(31_536_000),
      })),
    ]
    await shift(600 - leewaySeconds - 15)
    early.push(...(await present(trial, { 'shortly before the leeway counts': token })))
    await shift(602)
    const inTime = await present(trial, { 'once nbf has passed': token, 'and again': token })
    await shift(0)
    early.push(...(await present(trial, { 'the clock set back': token })))
    const other = await gateway.attempt(await mint({ claims: { nbf: now - 60 } }))

    await prove('early', () => expectRefused(early, stack))
    await prove('reason', () => expectReason(early, 'token_not_yet_valid'))
    await prove('in-time', () => expectAccepted([...inTime, { what: 'nbf a minute ago', attempt: other }]))
  } finally {
    await shift(0)
  }
})

spec('JWT-017', async (trial) => {
  const { stack, mint, prove } = trial
  const { audience } = stack.issuer
  const withAudience = async (audiences: Readonly<Record<string, unknown>>) => {
    const tokens: Record<string, string> = {}
    for (const [what, aud] of Object.entries(audiences)) tokens[what] = await mint({ claims: { aud } })
    return present(trial, tokens)
  }
  const other = await withAudience({
    another: 'elsewhere',
    'ours in capitals': audience.toUpperCase(),
    'ours and more': `${audience}-2`,
    'the beginning of ours': audience.slice(0, -1),
    'ours among words': `elsewhere ${audience}`,
    'an empty one': '',
    'ours with a space': ` ${audience}`,
  })
  const lists = await withAudience({
    'a list of others': ['elsewhere', `${audience}-2`],
    'an empty list': [],
    'a list in a list': [[audience]],
    'a list with ours among words': [`elsewhere ${audience}`],
  })
  const absent = await withAudience({ 'no audience': undefined, 'null for an audience': null })
  const listed = await withAudience({
    'ours alone': [audience],
    'ours first': [audience, 'elsewhere'],
    'ours last': ['elsewhere', 'somewhere', audience],
  })

  await prove('other', () => expectRefused(other, stack))
  await prove('list', () => expectRefused(lists, stack))
  await prove('absent', () => expectRefused(absent, stack))
  await prove('reason', () => expectReason([...other, ...lists, ...absent], 'invalid_audience'))
  await prove('listed', () => expectAccepted(listed))
})
