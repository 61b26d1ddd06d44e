/** The command that a control plane runs: tells the stack to start or stop what belongs to a cluster. Arguments: where, what, cluster. */
const [address = '', verb = '', cluster = ''] = process.argv.slice(2)
const { status } = await fetch(`http://${address}/${verb}/${cluster}`, {
  method: 'POST',
  headers: { authorization: `Bearer ${process.env['OROCHI_PLATFORM_SECRET']}` },
})
// 75: may succeed later.
process.exitCode = status === 200 ? 0 : status === 409 ? 1 : 75
