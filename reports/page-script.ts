/** What our own page does by itself: filters its verdicts, and opens what a link leads to. */

export const script = `
const filter=document.getElementById('filter'),shown=document.getElementById('shown'),buttons=[...document.querySelectorAll('[data-only]')];
const rows=[...document.querySelectorAll('#verdicts tbody tr')].map(row=>({row,words:row.textContent.toLowerCase()}));
function show(){
  const wanted=filter.value.trim().toLowerCase(),only=buttons.filter(one=>one.ariaPressed==='true').map(one=>one.dataset.only);
  let count=0;
  for(const {row,words} of rows){row.hidden=!words.includes(wanted)||only.length>0&&!only.includes(row.dataset.verdict);if(!row.hidden)count++}
  shown.textContent=count+' shown';
}
filter?.addEventListener('input',show);
for(const button of buttons)button.addEventListener('click',()=>{button.ariaPressed=String(button.ariaPressed!=='true');show()});
function reveal(){
  const target=document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if(!target)return;
  if(target.hidden){filter.value='';for(const button of buttons)button.ariaPressed='false';show()}
  for(let one=target;one;one=one.parentElement)if(one.localName==='details')one.open=true;
  target.querySelector('details')?.setAttribute('open','');
  target.scrollIntoView();
}
addEventListener('hashchange',reveal);reveal();
`.trim()
