/** `npm run images`: makes the local images and says what it made. */
import { buildImages } from './images.ts'

await buildImages((line) => console.log(line))
