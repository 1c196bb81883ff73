"""Backups: complete, verified, all or nothing, and without a password on a command line."""

import datetime as dt
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import msgspec
import pytest

from beltline.kit.postgres import dump
from beltline.kit.postgres.ask import ask
from beltline.kit.postgres.client import attach
from beltline.kit.postgres.types import (
    BackupDamaged,
    BackupExists,
    BackupFailed,
    DatabaseNotEmpty,
    Manifest,
    RowsHidden,
    ToolsTooOld,
)

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
PASSWORD = "p@ss/w:rd?"

# What makes a dump of Beltline different from others: owners, grants, forced row-level
# security, definer functions, partitions, extensions, Chinese.
STOCK = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE SCHEMA shop AUTHORIZATION {owner};
SET ROLE {owner};
CREATE TABLE shop.item (id bigint PRIMARY KEY, org bigint NOT NULL, name text NOT NULL);
INSERT INTO shop.item SELECT n, n % 3, '工厂 ' || n FROM generate_series(1, 1000) n;
CREATE TABLE shop.log (at date NOT NULL, id bigint) PARTITION BY RANGE (at);
CREATE TABLE shop.log_2026 PARTITION OF shop.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO shop.log VALUES ('2026-11-20', 1);
ALTER TABLE shop.item ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.item FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.item TO {owner} USING (true);
CREATE POLICY party ON shop.item TO {reader}
  USING (org = (SELECT current_setting('app.org')::bigint));
GRANT USAGE ON SCHEMA shop TO {reader};
GRANT SELECT ON shop.item TO {reader};
CREATE FUNCTION shop.count_items() RETURNS bigint LANGUAGE sql SECURITY DEFINER
  SET search_path = '' RETURN (SELECT count(*) FROM shop.item);
RESET ROLE;
"""
DIGEST = "SELECT count(*), md5(string_agg(i::text, '|' ORDER BY id)) FROM shop.item i"
SHAPE = """
SELECT c.relname, c.relkind, c.relowner::regrole::text, c.relacl::text, c.relforcerowsecurity
FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace ORDER BY 1
"""


@pytest.fixture(scope="module")
def roles(server: str) -> Iterator[tuple[str, str]]:
    """An owner, who can log in, and a reader; roles belong to the server, not to a database."""
    owner, reader = "dump_owner", "dump_reader"
    admin = server.format(database="postgres")
    ask(admin, f"CREATE ROLE {owner} LOGIN PASSWORD '{PASSWORD}'")
    ask(admin, f"CREATE ROLE {reader} LOGIN")
    yield owner, reader
    ask(admin, f"DROP ROLE {owner}")
    ask(admin, f"DROP ROLE {reader}")


@pytest.fixture
def databases(server: str, roles: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """A database with something in it, and an empty one."""
    admin = server.format(database="postgres")
    names = ("dump_source", "dump_target")
    for name in names:
        ask(admin, f"CREATE DATABASE {name} TEMPLATE template0")
    source, target = (server.format(database=name) for name in names)
    _fill(source, roles)
    yield source, target
    for name in names:
        ask(admin, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_brings_a_fresh_server_to_the_same_state() -> None:
    memory = Path("/dev/shm")  # noqa: S108  a folder of its own is made there
    folder = Path(tempfile.mkdtemp(prefix="blt", dir=memory if memory.is_dir() else None))
    folder.chmod(0o755)
    roles = ("dump_owner", "dump_reader")
    try:
        with attach(folder / "one") as one:
            _create_roles(one.dsn, roles)
            _fill(one.dsn, roles)
            dump.backup(one.dsn, folder / "today.backup", now=NOW)
            before = ask(one.dsn, DIGEST), ask(one.dsn, SHAPE)
        with attach(folder / "two") as two:
            _create_roles(two.dsn, roles)
            dump.restore(two.dsn, folder / "today.backup")
            assert (ask(two.dsn, DIGEST), ask(two.dsn, SHAPE)) == before
            assert ask(two.dsn, "SELECT shop.count_items()") == [(1000,)]
    finally:
        shutil.rmtree(folder)


def test_the_file_says_what_it_is(databases: tuple[str, str], tmp_path: Path) -> None:
    target = tmp_path / "a b.backup"
    manifest = dump.backup(databases[0], target, now=NOW)
    assert dump.verify(target) == manifest
    assert manifest.created_at == NOW
    assert manifest.server_version.startswith(f"{manifest.dump_version}.")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a b.backup"]
    with pytest.raises(BackupExists):
        dump.backup(databases[0], target, now=NOW)


def test_a_full_database_is_replaced_only_on_demand(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    source, target = databases
    dump.backup(source, tmp_path / "b", now=NOW)
    before = ask(source, DIGEST), ask(source, SHAPE)
    ask(target, "CREATE TABLE public.other AS SELECT 1 AS one")
    ask(target, "CREATE SCHEMA shop CREATE TABLE item (id text)")
    with pytest.raises(DatabaseNotEmpty, match="2 tables"):
        dump.restore(target, tmp_path / "b")
    dump.restore(target, tmp_path / "b", replace=True)
    assert (ask(target, DIGEST), ask(target, SHAPE)) == before
    assert ask(target, "SELECT to_regclass('public.other')") == [(None,)]
    dump.restore(target, tmp_path / "b", replace=True)
    assert (ask(target, DIGEST), ask(target, SHAPE)) == before


def test_a_failed_restore_changes_nothing(databases: tuple[str, str], tmp_path: Path) -> None:
    source, target = databases
    ask(source, "CREATE ROLE dump_gone")
    ask(source, "CREATE TABLE shop.zeal (id bigint)")
    ask(source, "ALTER TABLE shop.zeal OWNER TO dump_gone")
    dump.backup(source, tmp_path / "b", now=NOW)
    ask(source, "DROP TABLE shop.zeal")
    ask(source, "DROP ROLE dump_gone")
    ask(target, "CREATE TABLE public.other AS SELECT 1 AS one")
    with pytest.raises(BackupFailed, match='role "dump_gone" does not exist'):
        dump.restore(target, tmp_path / "b", replace=True)
    assert ask(target, "SELECT one FROM public.other") == [(1,)]
    assert ask(target, "SELECT to_regclass('shop.item')") == [(None,)]


def test_a_dump_that_ends_early_changes_nothing(databases: tuple[str, str], tmp_path: Path) -> None:
    source, target = databases
    manifest = dump.backup(source, tmp_path / "b", now=NOW)
    with zipfile.ZipFile(tmp_path / "b") as archive:
        whole = archive.read("database.dump")
    _forge(tmp_path / "half", whole[: len(whole) * 2 // 3], manifest)
    with pytest.raises(BackupFailed):
        dump.restore(target, tmp_path / "half")
    assert ask(target, "SELECT to_regclass('shop.item')") == [(None,)]


def test_a_damaged_file_is_refused(databases: tuple[str, str], tmp_path: Path) -> None:
    sound = tmp_path / "b"
    manifest = dump.backup(databases[0], sound, now=NOW)
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "flipped").write_bytes(content)
    (tmp_path / "cut").write_bytes(sound.read_bytes()[:-100])
    (tmp_path / "text").write_text("-- PostgreSQL database dump")
    with zipfile.ZipFile(tmp_path / "swapped", "w") as archive:
        archive.writestr("database.dump", b"another one")
        archive.writestr("manifest.json", msgspec.json.encode(manifest))
    later = msgspec.structs.replace(manifest, format=2)
    _forge(tmp_path / "later", b"", later)
    for name in ("flipped", "cut", "text", "swapped", "later", "missing"):
        with pytest.raises(BackupDamaged):
            dump.restore(databases[1], tmp_path / name)


def test_a_failed_backup_leaves_no_file(
    databases: tuple[str, str], server: str, tmp_path: Path
) -> None:
    reader = _as("dump_reader", databases[0])
    with pytest.raises(RowsHidden, match=r"shop\.item"):
        dump.backup(reader, tmp_path / "b", now=NOW)
    ask(databases[0], "ALTER TABLE shop.item DISABLE ROW LEVEL SECURITY")
    with pytest.raises(BackupFailed, match="permission denied"):
        dump.backup(reader, tmp_path / "b", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_an_owner_under_forced_row_security_backs_up_every_row(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    source, target = databases
    dump.backup(_as(f"dump_owner:{_quoted(PASSWORD)}", source), tmp_path / "b", now=NOW)
    dump.restore(target, tmp_path / "b")
    assert ask(target, DIGEST) == ask(source, DIGEST)


def test_one_who_is_no_superuser_restores_what_others_own(
    server: str, databases: tuple[str, str], tmp_path: Path
) -> None:
    source, target = databases
    admin = server.format(database="postgres")
    try:
        ask(admin, "CREATE ROLE dump_tenant LOGIN CREATEROLE PASSWORD 'tenant'")
        ask(admin, "GRANT dump_owner, dump_reader TO dump_tenant")
        ask(admin, "ALTER DATABASE dump_target OWNER TO dump_tenant")
        # Given away: its new owner must be allowed to create in the schema.
        ask(source, "GRANT CREATE ON SCHEMA shop TO dump_reader")
        ask(source, "ALTER FUNCTION shop.count_items() OWNER TO dump_reader")
        ask(source, "DROP EXTENSION pg_trgm")
        dump.backup(source, tmp_path / "b", now=NOW)
        dump.restore(_as("dump_tenant:tenant", target), tmp_path / "b")
        assert (ask(target, DIGEST), ask(target, SHAPE)) == (
            ask(source, DIGEST),
            ask(source, SHAPE),
        )
    finally:
        ask(target, "DROP SCHEMA IF EXISTS shop CASCADE")
        ask(admin, "ALTER DATABASE dump_target OWNER TO CURRENT_USER")
        ask(admin, "DROP ROLE dump_tenant")


def test_a_server_newer_than_every_pg_dump_is_refused() -> None:
    with pytest.raises(ToolsTooOld, match="PostgreSQL 99"):
        dump.find_tools(99)


@pytest.mark.parametrize(
    ("dsn", "public", "password"),
    [
        ("postgresql://u:s%40c@/db?host=/tmp/x", "postgresql://u@/db?host=/tmp/x", "s@c"),
        ("postgres://u:a:b@h:5432/db", "postgres://u@h:5432/db", "a:b"),
        ("postgresql://h/db?user=u&password=x%2By", "postgresql://h/db?user=u", "x+y"),
        ("postgresql://h/db", "postgresql://h/db", ""),
        ("postgresql://u:x@h/db?password=y&sslmode=require", "postgresql://u@h/db?sslmode=require",
         "y"),
    ],
)  # fmt: skip
def test_the_password_leaves_the_address(dsn: str, public: str, password: str) -> None:
    assert dump.split_password(dsn) == (public, password)


def test_the_wrong_password_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises((asyncpg.PostgresError, OSError)):
        dump.backup(f"postgresql://u:p@/db?host={tmp_path}", tmp_path / "b", now=NOW)
    assert list(tmp_path.iterdir()) == []


def _create_roles(dsn: str, roles: tuple[str, str]) -> None:
    for role in roles:
        ask(dsn, f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")


def _fill(dsn: str, roles: tuple[str, str]) -> None:
    owner, reader = roles
    script = STOCK.format(owner=owner, reader=reader)
    ask(dsn, f"DO $do$ BEGIN EXECUTE $all${script}$all$; END $do$")


def _forge(path: Path, content: bytes, manifest: Manifest) -> None:
    """A backup with a right checksum and the wrong content."""
    digest = hashlib.sha256(content).hexdigest()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("database.dump", content)
        told = msgspec.structs.replace(manifest, sha256=digest)
        archive.writestr("manifest.json", msgspec.json.encode(told))


def _as(credentials: str, dsn: str) -> str:
    return dsn.replace("tester@", f"{credentials}@")


def _quoted(password: str) -> str:
    return quote(password, safe="")
