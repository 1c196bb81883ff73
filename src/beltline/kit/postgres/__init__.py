"""The embedded PostgreSQL: started by whoever needs it first, gone when nobody does.

Every process that needs the server calls `client.attach(data)` and holds a shared file lock.
The first one starts a supervisor in a session of its own, which runs `postgres` as its child,
restarts it when it dies, and stops it when the lock is held by nobody; as the kernel releases
the locks of a killed process, even `kill -9` of a client leaves nothing behind. The server
listens on a private unix socket only and asks for a password. `dump` makes and restores logical
backups of this server and of any other; `durability` refuses a server that may lose commits.
"""
