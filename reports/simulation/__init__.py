"""A live morning against a running server, over real HTTP and sockets: separate people who know only what the server
tells them, and an independent reading at the end of what it keeps. `manage.py simulate` runs it."""
