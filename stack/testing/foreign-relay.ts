/** The least gateway there is: a TCP relay that checks nothing and knows no tokens. Arguments: where to listen, where to connect. */
import { connect, createServer } from 'node:net'

const [listen = '', upstream = ''] = process.argv.slice(2)
const addressOf = (text: string) => ({ host: text.slice(0, text.lastIndexOf(':')), port: Number(text.slice(text.lastIndexOf(':') + 1)) })

createServer({ allowHalfOpen: true }, (client) => {
  const pooler = connect({ ...addressOf(upstream), allowHalfOpen: true })
  client.on('error', () => pooler.destroy()).pipe(pooler)
  pooler.on('error', () => client.destroy()).pipe(client)
}).listen(addressOf(listen))
