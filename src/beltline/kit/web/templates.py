"""The Jinja2 environments, one per language, with formats and translation bound to it.

`orders/list.html` is `templates/list.html` of the module `orders`; the shell's own templates
are `kit/...`. A name that was not passed fails loudly (StrictUndefined); everything is escaped.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import jinja2
from jinja2 import filters, nodes
from jinja2.runtime import Context
from markupsafe import Markup, escape

from beltline.kit.web import charts, formats, i18n
from beltline.kit.web.assets import static


@functools.cache
def environment(locale: str) -> jinja2.Environment:
    """The environment of a locale; templates are compiled once per process and language."""
    env = jinja2.Environment(
        loader=_loader(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.globals |= _gettext_functions(locale)
    # Jinja's own lets a slash pass, which in the code of a SKU would be a step down the path.
    env.filters["urlencode"] = _encode_part
    env.filters["xmlattr"] = _attributes
    env.filters |= {name: _bound(f, locale) for name, f in formats.FILTERS.items()}
    env.filters |= {name: _zoned(f, locale) for name, f in formats.ZONED_FILTERS.items()}
    env.filters |= {"ago": _ago(locale), "money_pair": _bound(formats.money_pair, locale)}
    env.globals |= {
        "static": static,
        "span": formats.span,
        "zone_name": _bound(formats.zone_name, locale),
        "deadline_tone": formats.deadline_tone,
        "sparkline": charts.sparkline,
        "bar_meter": charts.bar_meter,
        "chart_specification": charts.specification,
    }
    # The macros as a global: every template, block and fragment has them without an import.
    env.globals["ui"] = env.get_template("kit/macros.html").module
    return env


def _encode_part(value: object) -> str:
    """A text as one part of a path, or as one value of a query."""
    return quote(str(value), safe="")


@jinja2.pass_eval_context
def _attributes(context: nodes.EvalContext, values: Mapping[str, Any]) -> str:
    """Attributes of an element. Jinja's own writes `disabled="False"`, which switches it off."""
    given = {name: "" if value is True else value for name, value in values.items()}
    return filters.do_xmlattr(
        context, {name: value for name, value in given.items() if value is not False}
    )


def _gettext_functions(locale: str) -> dict[str, Callable[..., str]]:
    """`_("%(n)s orders", n=3)` and its kin; without values a text may hold a bare %."""
    catalog = i18n.translations(locale)

    def fill(text: str, values: dict[str, Any]) -> str:
        return Markup(escape(text)) % values if values else text  # noqa: S704 - escaped here

    def gettext(message: str, /, **values: Any) -> str:
        return fill(catalog.gettext(message), values)

    def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
        return fill(catalog.ngettext(one, many, n), {"n": formats.number(n), **values})

    def pgettext(context: str, message: str, /, **values: Any) -> str:
        return fill(catalog.pgettext(context, message), values)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "pgettext": pgettext}


def _loader() -> jinja2.BaseLoader:
    return jinja2.PrefixLoader(
        {
            name: jinja2.PackageLoader(f"beltline.{name}", "templates")
            for name, folder in i18n.modules().items()
            if (folder / "templates").is_dir()
        }
    )


def _bound(function: Callable[..., str], locale: str) -> Callable[..., str]:
    return functools.partial(function, locale=locale)


def _zoned(function: Callable[..., str], locale: str) -> Callable[..., str]:
    @jinja2.pass_context
    def in_page_zone(context: Context, value: Any) -> str:
        return function(value, context["page"].zone, locale)

    return in_page_zone


def _ago(locale: str) -> Callable[..., str]:
    @jinja2.pass_context
    def ago(context: Context, value: Any) -> str:
        return formats.ago(value, context["page"].now, locale)

    return ago
