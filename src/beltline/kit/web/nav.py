"""The side navigation: pages grouped by what a person wants to do."""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from beltline.kit.web.i18n import N_


class Verb(enum.StrEnum):
    """The groups, in the order shown."""

    TODAY = N_("Today")
    SELL = N_("Sell")
    SOURCE = N_("Source")
    PLAN = N_("Plan")
    FULFILL = N_("Fulfill")
    MONEY = N_("Money")
    BUILD = N_("Build")


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """A page in the navigation.

    `label` is English, marked with `N_`; `icon` a symbol of `kit/icons.html`. Empty `roles` or
    `org_kinds` allow all; ADMIN sees every role's items. `count` names the figure shown beside
    it, `urgent` colors a count that waits for somebody. `keys` is the two-key shortcut ("g q").
    """

    verb: Verb
    path: str
    label: str
    icon: str
    roles: frozenset[str] = frozenset()
    org_kinds: frozenset[str] = frozenset()
    count: str = ""
    urgent: bool = False
    keys: str = ""

    def is_for(self, *, role: str, org_kind: str) -> bool:
        """Whether a member of this role in this kind of organization sees the item."""
        role_fits = not self.roles or role == "ADMIN" or role in self.roles
        return role_fits and (not self.org_kinds or org_kind in self.org_kinds)


class NavEntry(msgspec.Struct, frozen=True):
    """An item as one member sees it now."""

    item: NavItem
    count: int | None
    is_current: bool


class NavGroup(msgspec.Struct, frozen=True):
    """A verb and its entries; groups without entries are left out."""

    verb: Verb
    entries: tuple[NavEntry, ...]


def build_nav(
    items: Iterable[NavItem], *, role: str, org_kind: str, path: str, counts: Mapping[str, int]
) -> tuple[NavGroup, ...]:
    """The navigation of a member at `path`; `counts` maps an item's count name to its figure."""
    seen = [item for item in items if item.is_for(role=role, org_kind=org_kind)]
    current = _current(seen, path)
    groups = []
    for verb in Verb:
        entries = tuple(
            NavEntry(item, counts.get(item.count) if item.count else None, item is current)
            for item in seen
            if item.verb is verb
        )
        if entries:
            groups.append(NavGroup(verb, entries))
    return tuple(groups)


def _current(items: list[NavItem], path: str) -> NavItem | None:
    """The item with the longest path that `path` is or lies under."""
    under = [item for item in items if path == item.path or path.startswith(f"{item.path}/")]
    return max(under, key=lambda item: len(item.path), default=None)
