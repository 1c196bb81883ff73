"""Row-level security from the catalog: no table without it, no stray privilege."""

from beltline.app.modules import MODULES
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import new_id

# kit.migration is written by the migration runner alone and read by doctor.
UNPROTECTED = {"kit.migration"}


async def test_every_table_is_protected(database: Database) -> None:
    async with database.system() as db:
        loose = await db.values(
            """select c.oid::regclass::text from pg_class c
                where c.relnamespace = any(select oid from pg_namespace where nspname = any($1))
                  and c.relkind in ('r', 'p')
                  and not (c.relrowsecurity and c.relforcerowsecurity)""",
            list(MODULES),
        )
        without_policy = await db.values(
            """select c.oid::regclass::text from pg_class c
                where c.relnamespace = any(select oid from pg_namespace where nspname = any($1))
                  and c.relkind in ('r', 'p') and not c.relispartition
                  and not exists (select from pg_policy p where p.polrelid = c.oid)""",
            list(MODULES),
        )
    assert set(loose) <= UNPROTECTED
    assert set(without_policy) <= UNPROTECTED


async def test_a_new_table_without_a_policy_would_be_found(database: Database) -> None:
    async with database.system() as db:
        assert await db.value(
            "select relrowsecurity from pg_class where oid = 'orders.order_line'::regclass"
        )


async def test_the_web_role_owns_nothing_and_bypasses_nothing(database: Database) -> None:
    async with database.system() as db:
        power = await db.value(
            """select count(*) from pg_roles
                where rolname in ('bl_app', 'bl_sys', 'beltline_core', 'bl_owner')
                  and (rolsuper or rolbypassrls or rolcanlogin)"""
        )
        owned = await db.value(
            "select count(*) from pg_class where relowner in ('bl_app'::regrole, 'bl_sys'::regrole)"
        )
    assert (power, owned) == (0, 0)


async def test_security_definer_functions_pin_their_path(database: Database) -> None:
    async with database.system() as db:
        loose = await db.values(
            """select p.oid::regprocedure::text from pg_proc p
                where p.pronamespace = any(select oid from pg_namespace where nspname = any($1))
                  and p.prosecdef
                  and not coalesce(p.proconfig, '{}') @> array['search_path=""']""",
            list(MODULES),
        )
    assert loose == []


async def test_append_only_tables_cannot_be_changed_by_anybody_in_service(
    database: Database,
) -> None:
    async with database.system() as db:
        grants = await db.values(
            """select t || ' ' || r || ' ' || v
                 from unnest(array['ledger.entry', 'ledger.transfer', 'ledger.paper',
                                   'accounts.audit', 'accounts.legal_entity',
                                   'inventory.movement', 'kit.event', 'fulfillment.photo']) t,
                      unnest(array['bl_app', 'bl_sys', 'beltline_core']) r,
                      unnest(array['update', 'delete', 'truncate']) v
                where has_table_privilege(r, t, v)"""
        )
    assert grants == []


async def test_a_stranger_sees_no_private_row(database: Database) -> None:
    """Every table the web role may read, with an organization that is party to nothing."""
    stranger = Actor(new_id(), "BUYER", "stranger", "SYSTEM")
    public = {
        "accounts.organization", "suppliers.belt", "suppliers.supplier", "suppliers.closure",
        "catalog.product", "catalog.sku", "catalog.offer", "catalog.offer_break", "trade.node",
        "trade.node_closure", "trade.fx_rate", "trade.lane", "kit.clock", "kit.migration",
        "fulfillment.stage_rule", "orders.assurance", "procurement.deadline_rule",
    }  # fmt: skip
    async with database.system() as db:
        tables = await db.values(
            """select c.oid::regclass::text from pg_class c
                where c.relnamespace = any(select oid from pg_namespace where nspname = any($1))
                  and c.relkind in ('r', 'p') and not c.relispartition
                  and has_table_privilege('bl_app', c.oid, 'select') order by 1""",
            list(MODULES),
        )
    assert len(tables) > 25
    async with database.reading(stranger) as db:
        for table in sorted(set(tables) - public):
            assert await db.value(f"select count(*) from {table}") == 0, table
