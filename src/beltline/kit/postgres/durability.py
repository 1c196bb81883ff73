"""Refuse a server that may lose what it has acknowledged."""

from beltline.kit.postgres.ask import ask
from beltline.kit.postgres.types import NotDurable

_ADVICE = "Turn it on in postgresql.conf (or with ALTER SYSTEM, ALTER DATABASE, ALTER ROLE)."

# A session started now sees what the database and the role have set, too. `local` still waits
# for the own disk, which is what the promise is about; `off` lost 10 % of acknowledged commits.
_READ = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
ORDER BY name
"""

# What another role or database would get at its next login.
_READ_OVERRIDES = """
SELECT coalesce('role ' || r.rolname || ' ', '') || coalesce('database ' || d.datname || ' ', '')
       || item AS name
FROM pg_db_role_setting s
LEFT JOIN pg_roles r ON r.oid = s.setrole
LEFT JOIN pg_database d ON d.oid = s.setdatabase
CROSS JOIN unnest(s.setconfig) AS item
WHERE (s.setdatabase = 0 OR d.datname = current_database())
  AND item ~* '^synchronous_commit=(off|false|no|0)$'
ORDER BY name
"""


def check_durability(dsn: str) -> None:
    """Raise `NotDurable` when fsync, full_page_writes or synchronous_commit is off."""
    off = [f"{name}=off" for name, _ in ask(dsn, _READ)]
    off += [str(name) for (name,) in ask(dsn, _READ_OVERRIDES)]
    if off:
        raise NotDurable(settings=", ".join(off), advice=_ADVICE)
