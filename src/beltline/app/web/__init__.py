"""The web process: pages and the HTTP API, composed of all modules' handlers.

`create.create_app` builds it. Around Litestar lies `edge`, which gives every request its id, its
log line and its headers, and sheds what is too much; inside, `dependencies` says who acts on
which database, and `answers` turns every failure into problem JSON or an error page.
"""
