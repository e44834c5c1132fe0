import { launch } from './tests/support/browser.mjs'; import {pathToFileURL} from 'node:url';
const b=await launch(); const [t,scheme,w,h,media]=process.argv.slice(2);
const p=await (await b.newContext({colorScheme:scheme,viewport:{width:+w,height:900}})).newPage(); await p.goto(pathToFileURL(`/tmp/audit3-w/d/r-${t}.html`).href); if(media) await p.emulateMedia({media});
const H=await p.evaluate(()=>document.documentElement.scrollHeight); for(let y=0,i=0;y<H;y+=+h,i++) await p.screenshot({path:`/tmp/audit3-w/shots/cut-${t}-${scheme}-${w}-${String(i).padStart(2,'0')}.png`,fullPage:true,clip:{x:0,y,width:+w,height:Math.min(+h,H-y)}});
await b.close();
