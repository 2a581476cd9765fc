"""The page around the terminal; everything in it comes from this server."""

from __future__ import annotations

from html import escape
from string import Template

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:;"
    " script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

SCRIPT_PATH = "/page.js"

ENDED = "The session has ended."
LOST = "The connection to the server is lost."

# textual-serve's script shows nothing of why its socket is closed.
SCRIPT = f"""\
window.WebSocket = class extends WebSocket {{
  constructor(...parts) {{
    super(...parts);
    this.addEventListener("close", (event) => {{
      const reason = event.reason || (event.wasClean ? "{ENDED}" : "{LOST}");
      document.getElementById("reason").textContent = reason;
    }});
  }}
}};
"""

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/xterm.css">
<script src="$script"></script>
<script src="/static/js/textual.js"></script>
<style>
body { margin: 0; background: #121212; color: #e0e0e0; font-family: monospace; }
.note { position: absolute; inset: 0; display: flex; align-items: center;
        justify-content: center; z-index: 1; }
.ended, body.-first-byte .starting { display: none; }
body.-closed .ended { display: flex; background: #121212; }
a { color: #8ab4f8; margin-left: 1ch; }
</style>
</head>
<body>
<div class="note starting">$title starts</div>
<div class="note ended"><span id="reason"></span><a href="/">Start another</a></div>
<div id="terminal" class="textual-terminal"
     data-session-websocket-url="$socket" data-font-size="$font_size"></div>
</body>
</html>
""")


def page(title: str, socket_url: str, font_size: int) -> str:
    """Return the page; `socket_url` leads to the app's web socket."""
    return _PAGE.substitute(
        title=escape(title),
        socket=escape(socket_url, quote=True),
        font_size=font_size,
        script=SCRIPT_PATH,
    )
