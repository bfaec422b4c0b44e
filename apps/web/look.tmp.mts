import { chromium } from '@playwright/test';
const P=process.argv[2]!; const out='/tmp/out/shots/'; 
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu']});
const mk=async(w:number,h:number,scheme:'light'|'dark')=>{const c=await b.newContext({viewport:{width:w,height:h},colorScheme:scheme,baseURL:'http://localhost:3100'});const p=await c.newPage();p.on('console',m=>{if(m.type()==='error')console.log('console',p.url(),m.text())});await p.goto('/sign-in');await p.waitForSelector('html[data-alive]');await p.getByLabel('E-mail').fill('admin@saface.local');await p.getByLabel('Password',{exact:true}).fill(P);await p.keyboard.press('Enter');await p.waitForURL(u=>!u.pathname.includes('sign-in'));return p;};
const d=await mk(1440,900,'light');
const m=await mk(390,844,'dark');
const shot=async(p:any,n:string)=>{await p.waitForTimeout(800);await p.screenshot({path:out+n+'.png',fullPage:true});};




for (const scope of [['scenario','demo-scenario-corridor'],['edge','demo-edge']]) { const to=Date.now(); const r=await d.request.get('/api/trpc/metrics.series?input='+encodeURIComponent(JSON.stringify({scope:scope[0],scopeId:scope[1],names:scope[0]==='edge'?['outbox','load']:['tracks','triplets'],from:to-1800000,to,buckets:60}))); console.log(scope, (await r.text()).slice(0,3000)); }
await b.close(); process.exit();
for (const i of await dialog.getByRole('textbox').all()) console.log(await i.getAttribute('name'), await i.getAttribute('aria-label'));
await b.close();
