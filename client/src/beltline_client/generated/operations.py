"""Written by `make docs` from the API's description; change that instead."""

import datetime as dt
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from beltline_client.generated import models
from beltline_client.transport import Transport


class ApiKeys:
    """Operations under `/v1/api-keys`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_keys(self, *, cursor: str | None = None, limit: int | None = None) -> models.KeyList:
        """API keys.

        The organization's keys, revoked ones included; never a secret.
        """
        return self._transport.send(
            "GET", "/v1/api-keys", models.KeyList, query={"cursor": cursor, "limit": limit}
        )

    def iter_keys(self) -> Iterator[models.KeyRow]:
        """API keys: all rows, page after page."""
        return self._transport.pages("/v1/api-keys", models.KeyList, query={})

    def create_key(
        self, body: models.KeyBody, *, idempotency_key: str | None = None
    ) -> models.NewKey:
        """Make an API key.

        Makes a key with some of the caller's own scopes. The secret is told once and kept
        nowhere.

        A repeated request answers with the same key and without its secret: if the first answer
        was lost, revoke the key and make another.
        """
        return self._transport.send(
            "POST",
            "/v1/api-keys",
            models.NewKey,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def revoke_key(self, key_id: str, *, idempotency_key: str | None = None) -> models.KeyRow:
        """Revoke an API key.

        Ends a key at once. One that has ended already cannot be revoked (404).
        """
        return self._transport.send(
            "POST",
            f"/v1/api-keys/{quote(key_id, safe='')}/revoke",
            models.KeyRow,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Assurance:
    """Operations under `/v1/assurance`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_assurance(self) -> models.Assurance:
        """How long money waits.

        Days until a receipt counts as confirmed, in which claims are taken, and are answered.
        """
        return self._transport.send("GET", "/v1/assurance", models.Assurance)

    def set_assurance(
        self, body: models.Assurance, *, idempotency_key: str | None = None
    ) -> models.Assurance:
        """Set how long money waits.

        For orders delivered and claims opened from now on. For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/assurance",
            models.Assurance,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Audit:
    """Operations under `/v1/audit`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_audit(
        self, *, object_id: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.AuditList:
        """The audit.

        What the organization did, newest first; with `object_id` only to one object.
        """
        return self._transport.send(
            "GET",
            "/v1/audit",
            models.AuditList,
            query={"object_id": object_id, "cursor": cursor, "limit": limit},
        )

    def iter_audit(self, *, object_id: str | None = None) -> Iterator[models.AuditRow]:
        """The audit: all rows, page after page."""
        return self._transport.pages("/v1/audit", models.AuditList, query={"object_id": object_id})


class Belts:
    """Operations under `/v1/belts`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_belts(self) -> models.BeltList:
        """List belts.

        Industrial belts with their evidence, how they run, their capacity and risk in a word.
        """
        return self._transport.send("GET", "/v1/belts", models.BeltList)


class CargoRules:
    """Operations under `/v1/cargo-rules`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_cargo_rules(
        self,
        *,
        country: str | None = None,
        cargo_class: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.CargoRuleList:
        """List cargo rules.

        They come in as the file `cargo_rules`.
        """
        return self._transport.send(
            "GET",
            "/v1/cargo-rules",
            models.CargoRuleList,
            query={
                "country": country,
                "cargo_class": cargo_class,
                "valid_on": valid_on,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_cargo_rules(
        self,
        *,
        country: str | None = None,
        cargo_class: str | None = None,
        valid_on: dt.date | None = None,
    ) -> Iterator[models.CargoRuleRow]:
        """List cargo rules: all rows, page after page."""
        return self._transport.pages(
            "/v1/cargo-rules",
            models.CargoRuleList,
            query={"country": country, "cargo_class": cargo_class, "valid_on": valid_on},
        )


class Cartons:
    """Operations under `/v1/cartons`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_cartons(
        self,
        *,
        node: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.CartonList:
        """List cartons.

        By code. They come in one by one or as the file `cartons`.
        """
        return self._transport.send(
            "GET",
            "/v1/cartons",
            models.CartonList,
            query={"node": node, "valid_on": valid_on, "cursor": cursor, "limit": limit},
        )

    def iter_cartons(
        self, *, node: str | None = None, valid_on: dt.date | None = None
    ) -> Iterator[models.CartonRow]:
        """List cartons: all rows, page after page."""
        return self._transport.pages(
            "/v1/cartons", models.CartonList, query={"node": node, "valid_on": valid_on}
        )

    def keep_carton(
        self, body: models.CartonBody, *, idempotency_key: str | None = None
    ) -> models.CartonKept:
        """Keep a carton.

        Adds it, or changes the one of its node, code and first day (today unless given).
        """
        return self._transport.send(
            "POST",
            "/v1/cartons",
            models.CartonKept,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Cases:
    """Operations under `/v1/cases`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_cases(
        self,
        *,
        status: models.CaseState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.CaseList:
        """List cases.

        The operator's cases, or those against the caller; newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/cases",
            models.CaseList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_cases(self, *, status: models.CaseState | None = None) -> Iterator[models.CaseAnswer]:
        """List cases: all rows, page after page."""
        return self._transport.pages("/v1/cases", models.CaseList, query={"status": status})

    def open_case(
        self, body: models.ComplaintBody, *, idempotency_key: str | None = None
    ) -> models.CaseAnswer:
        """Open a case against a shop.

        What it is about is off the shelf at once; the shop has a week to answer.
        """
        return self._transport.send(
            "POST",
            "/v1/cases",
            models.CaseAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def appeal_case(
        self, case_id: str, body: models.SayingBody, *, idempotency_key: str | None = None
    ) -> models.CaseAnswer:
        """Appeal a decision.

        The shop's, once, within 15 days of the decision.
        """
        return self._transport.send(
            "POST",
            f"/v1/cases/{quote(case_id, safe='')}/appeal",
            models.CaseAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def decide_case(
        self, case_id: str, body: models.CaseDecision, *, idempotency_key: str | None = None
    ) -> models.CaseAnswer:
        """Decide a case.

        Restore or delist; nothing is delisted unheard before the time to answer is over.
        """
        return self._transport.send(
            "POST",
            f"/v1/cases/{quote(case_id, safe='')}/decision",
            models.CaseAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def answer_case(
        self, case_id: str, body: models.SayingBody, *, idempotency_key: str | None = None
    ) -> models.CaseAnswer:
        """Answer a case.

        Evidence of either side, while the case is open.
        """
        return self._transport.send(
            "POST",
            f"/v1/cases/{quote(case_id, safe='')}/evidence",
            models.CaseAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Catalog:
    """Operations under `/v1/catalog`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_attributes(self, category: str) -> models.AttributeList:
        """The attributes of a category.

        What products of a category can say, typed and with units.
        """
        return self._transport.send(
            "GET", f"/v1/catalog/attributes/{quote(category, safe='')}", models.AttributeList
        )

    def define_attributes(self, category: str, body: models.AttributeList) -> models.AttributeList:
        """Set the attributes of a category.

        These and no others, in this order; the operator decides them.
        """
        return self._transport.send(
            "PUT",
            f"/v1/catalog/attributes/{quote(category, safe='')}",
            models.AttributeList,
            body=body,
        )

    def edit(
        self, body: models.CatalogEditBody, *, idempotency_key: str | None = None
    ) -> models.EditAnswer:
        """Edit many SKUs at once.

        Titles, measures, first prices, MOQ and lead times; undone within ten minutes if wanted.
        """
        return self._transport.send(
            "POST",
            "/v1/catalog/edits",
            models.EditAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def undo(self, edit_id: str, *, idempotency_key: str | None = None) -> models.EditAnswer:
        """Undo an edit.

        Everything as it was before, if nobody has changed the same since.
        """
        return self._transport.send(
            "POST",
            f"/v1/catalog/edits/{quote(edit_id, safe='')}/undo",
            models.EditAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_goods(
        self,
        *,
        q: str | None = None,
        category: str | None = None,
        supplier: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.CatalogSkuList:
        """List SKUs with all terms.

        SKUs by code with the terms of today that the caller may see; `q` looks in code, titles.
        """
        return self._transport.send(
            "GET",
            "/v1/catalog/goods",
            models.CatalogSkuList,
            query={
                "q": q,
                "category": category,
                "supplier": supplier,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_goods(
        self, *, q: str | None = None, category: str | None = None, supplier: str | None = None
    ) -> Iterator[models.CatalogSkuAnswer]:
        """List SKUs with all terms: all rows, page after page."""
        return self._transport.pages(
            "/v1/catalog/goods",
            models.CatalogSkuList,
            query={"q": q, "category": category, "supplier": supplier},
        )

    def get_goods(self, sku: str) -> models.CatalogSkuAnswer:
        """One SKU with all terms.

        A SKU by its code.
        """
        return self._transport.send(
            "GET", f"/v1/catalog/goods/{quote(sku, safe='')}", models.CatalogSkuAnswer
        )

    def suggest_hs(self, sku: str, *, idempotency_key: str | None = None) -> models.HsList:
        """Look for HS codes.

        The five codes with the best evidence; what a person decided stays.
        """
        return self._transport.send(
            "POST",
            f"/v1/catalog/goods/{quote(sku, safe='')}/hs-candidates",
            models.HsList,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def decide_hs(self, sku: str, hs_code: str, body: models.HsDecision) -> models.HsList:
        """Decide an HS code.

        A person of the operator confirms or rejects; the confirmed code becomes the SKU's.
        """
        return self._transport.send(
            "PUT",
            f"/v1/catalog/goods/{quote(sku, safe='')}/hs-candidates/{quote(hs_code, safe='')}",
            models.HsList,
            body=body,
        )

    def get_product(self, product: str) -> models.ProductAnswer:
        """One product.

        A product's words, attributes, translations and pictures.
        """
        return self._transport.send(
            "GET", f"/v1/catalog/products/{quote(product, safe='')}", models.ProductAnswer
        )

    def describe(self, product: str, body: models.ProductBody) -> models.ProductAnswer:
        """Describe a product.

        Words, origin and attributes; what is left out stays, an attribute of null is taken
        away.
        """
        return self._transport.send(
            "PUT",
            f"/v1/catalog/products/{quote(product, safe='')}",
            models.ProductAnswer,
            body=body,
        )

    def translate(
        self, product: str, locale: str, body: models.TranslationBody
    ) -> models.ProductAnswer:
        """Translate a product.

        The source is kept. A machine's words (`is_machine`) never replace a person's.
        """
        return self._transport.send(
            "PUT",
            f"/v1/catalog/products/{quote(product, safe='')}/translations/{quote(locale, safe='')}",
            models.ProductAnswer,
            body=body,
        )

    def list_skus(
        self,
        *,
        q: str | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.OrdersSkuList:
        """List SKUs that can be ordered.

        SKUs by code with buyers' terms and availability; `q` is looked for in code and titles.
        """
        return self._transport.send(
            "GET",
            "/v1/catalog/skus",
            models.OrdersSkuList,
            query={"q": q, "category": category, "cursor": cursor, "limit": limit},
        )

    def iter_skus(
        self, *, q: str | None = None, category: str | None = None
    ) -> Iterator[models.OrdersSkuAnswer]:
        """List SKUs that can be ordered: all rows, page after page."""
        return self._transport.pages(
            "/v1/catalog/skus", models.OrdersSkuList, query={"q": q, "category": category}
        )

    def get_sku(self, code: str) -> models.OrdersSkuAnswer:
        """One SKU.

        One SKU with buyers' terms and availability.
        """
        return self._transport.send(
            "GET", f"/v1/catalog/skus/{quote(code, safe='')}", models.OrdersSkuAnswer
        )


class ClaimCases:
    """Operations under `/v1/claim-cases`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_cases(
        self, *, status: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.ClaimCaseList:
        """Claims on a supplier's goods.

        Why, which units, and how it ended; neither the buyer nor its price. For suppliers.
        """
        return self._transport.send(
            "GET",
            "/v1/claim-cases",
            models.ClaimCaseList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_cases(self, *, status: str | None = None) -> Iterator[models.ClaimCaseRow]:
        """Claims on a supplier's goods: all rows, page after page."""
        return self._transport.pages(
            "/v1/claim-cases", models.ClaimCaseList, query={"status": status}
        )

    def answer_case(
        self, case_id: str, body: models.OrdersEvidenceBody, *, idempotency_key: str | None = None
    ) -> models.ClaimCaseRow:
        """Answer with evidence.

        What the supplier knows of the claimed goods; the operator reads it before it decides.
        """
        return self._transport.send(
            "POST",
            f"/v1/claim-cases/{quote(case_id, safe='')}/answer",
            models.ClaimCaseRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Claims:
    """Operations under `/v1/claims`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_claims(
        self, *, status: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.ClaimList:
        """Claims.

        The buyer's own or, for the operator, all.
        """
        return self._transport.send(
            "GET",
            "/v1/claims",
            models.ClaimList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_claims(self, *, status: str | None = None) -> Iterator[models.ClaimRow]:
        """Claims: all rows, page after page."""
        return self._transport.pages("/v1/claims", models.ClaimList, query={"status": status})

    def answer_claim(
        self, claim_id: str, body: models.ClaimAnswer, *, idempotency_key: str | None = None
    ) -> models.ClaimRow:
        """Answer a claim.

        Refunds all or a part of what is asked, or rejects it with 0. For the operator.
        """
        return self._transport.send(
            "POST",
            f"/v1/claims/{quote(claim_id, safe='')}/answer",
            models.ClaimRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def withdraw_claim(
        self, claim_id: str, *, idempotency_key: str | None = None
    ) -> models.ClaimRow:
        """Withdraw a claim.

        Ends a claim without money; the order's money moves again. For its buyer.
        """
        return self._transport.send(
            "POST",
            f"/v1/claims/{quote(claim_id, safe='')}/withdraw",
            models.ClaimRow,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class CommissionRates:
    """Operations under `/v1/commission-rates`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_rates(self, *, cursor: str | None = None, limit: int | None = None) -> models.RateList:
        """Rates of commission.

        A supplier's own or, for the operator, all. Without a rate of its day no sale is stated.
        """
        return self._transport.send(
            "GET", "/v1/commission-rates", models.RateList, query={"cursor": cursor, "limit": limit}
        )

    def iter_rates(self) -> Iterator[models.RateRow]:
        """Rates of commission: all rows, page after page."""
        return self._transport.pages("/v1/commission-rates", models.RateList, query={})

    def set_rate(self, body: models.RateBody, *, idempotency_key: str | None = None) -> models.Done:
        """Set a rate of commission.

        From a day on, of one supplier or of all without one of their own. For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/commission-rates",
            models.Done,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Counts:
    """Operations under `/v1/counts`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_counts(
        self,
        *,
        status: models.CountState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.CountList:
        """Counts of stock.

        The operator's counts, newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/counts",
            models.CountList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_counts(
        self, *, status: models.CountState | None = None
    ) -> Iterator[models.CountAnswer]:
        """Counts of stock: all rows, page after page."""
        return self._transport.pages("/v1/counts", models.CountList, query={"status": status})

    def open_count(
        self, body: models.InventoryCountBody, *, idempotency_key: str | None = None
    ) -> models.CountAnswer:
        """Open a count.

        Freezes a sheet of what stands at a node of the network, to be counted.

        Stock that another open count has is refused (`inventory.being_counted`).
        """
        return self._transport.send(
            "POST",
            "/v1/counts",
            models.CountAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_count(self, count_id: str) -> models.CountAnswer:
        """A count.

        How far a count is.
        """
        return self._transport.send(
            "GET", f"/v1/counts/{quote(count_id, safe='')}", models.CountAnswer
        )

    def cancel_count(
        self, count_id: str, *, idempotency_key: str | None = None
    ) -> models.CountAnswer:
        """Cancel a count.

        Ends a count; what was not posted changes nothing.
        """
        return self._transport.send(
            "POST",
            f"/v1/counts/{quote(count_id, safe='')}/cancel",
            models.CountAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_lines(
        self, count_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.CountLineList:
        """Lines of a count.

        The sheet, by line; while a blind count is open without what the books say.
        """
        return self._transport.send(
            "GET",
            f"/v1/counts/{quote(count_id, safe='')}/lines",
            models.CountLineList,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_lines(self, count_id: str) -> Iterator[models.CountLineAnswer]:
        """Lines of a count: all rows, page after page."""
        return self._transport.pages(
            f"/v1/counts/{quote(count_id, safe='')}/lines", models.CountLineList, query={}
        )

    def count_lines(
        self, count_id: str, body: models.CountEntriesBody, *, idempotency_key: str | None = None
    ) -> models.CountTakenAnswer:
        """Write down what was counted.

        Up to 1,000 lines, each beside what the books say at this moment; problems by index.

        A line counted again keeps the later figure.
        """
        return self._transport.send(
            "POST",
            f"/v1/counts/{quote(count_id, safe='')}/lines",
            models.CountTakenAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def post_count(
        self, count_id: str, body: models.PostBody, *, idempotency_key: str | None = None
    ) -> models.CountAnswer:
        """Post a count.

        Books the differences as adjustments with the reason COUNT; large ones wait for another.

        Lines whose stock was corrected after they were counted are to be counted AGAIN: then
        the count stays OPEN.
        """
        return self._transport.send(
            "POST",
            f"/v1/counts/{quote(count_id, safe='')}/post",
            models.CountAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def count_sheet(
        self, count_id: str, file: tuple[str, bytes], *, idempotency_key: str | None = None
    ) -> models.CountTakenAnswer:
        """Bring in a counted sheet.

        A CSV or XLSX file with the columns sku, counted (base units) and, if wanted, owner.

        Rows without a figure say nothing. Good rows are taken; a problem names its row.
        """
        return self._transport.send(
            "POST",
            f"/v1/counts/{quote(count_id, safe='')}/sheet",
            models.CountTakenAnswer,
            file=file,
            form={},
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class CustomsFiles:
    """Operations under `/v1/customs-files`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_files(
        self,
        *,
        status: models.FileState | None = None,
        q: str | None = None,
        stopped: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.FileList:
        """List customs files.

        `q` is a part of a file's or an order's number, `stopped` leaves those that wait.
        """
        return self._transport.send(
            "GET",
            "/v1/customs-files",
            models.FileList,
            query={"status": status, "q": q, "stopped": stopped, "cursor": cursor, "limit": limit},
        )

    def iter_files(
        self,
        *,
        status: models.FileState | None = None,
        q: str | None = None,
        stopped: bool | None = None,
    ) -> Iterator[models.FileRow]:
        """List customs files: all rows, page after page."""
        return self._transport.pages(
            "/v1/customs-files",
            models.FileList,
            query={"status": status, "q": q, "stopped": stopped},
        )

    def get_file(self, file_id: str) -> models.FileAnswer:
        """One customs file.

        With its declarations, open tasks, the refund that is expected and what is lost of it.
        """
        return self._transport.send(
            "GET", f"/v1/customs-files/{quote(file_id, safe='')}", models.FileAnswer
        )

    def check_file(self, file_id: str, *, idempotency_key: str | None = None) -> models.FileAnswer:
        """Check a customs file.

        Puts it together anew from what is known now; the same happens each hour.
        """
        return self._transport.send(
            "POST",
            f"/v1/customs-files/{quote(file_id, safe='')}/check",
            models.FileAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def join_files(
        self, file_id: str, body: models.JoinBody, *, idempotency_key: str | None = None
    ) -> models.FileAnswer:
        """Join customs files.

        Declares the goods of other files of the same way with these: a consolidation box.
        """
        return self._transport.send(
            "POST",
            f"/v1/customs-files/{quote(file_id, safe='')}/join",
            models.FileAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class CustomsSetting:
    """Operations under `/v1/customs-setting`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_setting(self) -> models.Setting:
        """How strict customs files are.

        Whether what no rule speaks of stops goods, and how long a fapiao is waited for.
        """
        return self._transport.send("GET", "/v1/customs-setting", models.Setting)

    def set_setting(self, body: models.SettingBody) -> models.Setting:
        """Set how strict customs files are.

        Holds for what is checked from now on.
        """
        return self._transport.send("PUT", "/v1/customs-setting", models.Setting, body=body)


class CustomsTasks:
    """Operations under `/v1/customs-tasks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tasks(self, *, cursor: str | None = None, limit: int | None = None) -> models.TaskList:
        """List customs tasks.

        What is open: missing, forbidden, asked or held, in the order it came up.
        """
        return self._transport.send(
            "GET", "/v1/customs-tasks", models.TaskList, query={"cursor": cursor, "limit": limit}
        )

    def iter_tasks(self) -> Iterator[models.TaskRow]:
        """List customs tasks: all rows, page after page."""
        return self._transport.pages("/v1/customs-tasks", models.TaskList, query={})

    def answer_task(
        self, task_id: str, body: models.CustomsAnswerBody, *, idempotency_key: str | None = None
    ) -> models.TaskRow:
        """Answer a customs task.

        By one of its options; one without options ends when what is missing comes.
        """
        return self._transport.send(
            "POST",
            f"/v1/customs-tasks/{quote(task_id, safe='')}/answer",
            models.TaskRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Decisions:
    """Operations under `/v1/decisions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_decisions(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.DecisionList:
        """Open decisions.

        Questions that wait for an answer, the first due first.
        """
        return self._transport.send(
            "GET", "/v1/decisions", models.DecisionList, query={"cursor": cursor, "limit": limit}
        )

    def iter_decisions(self) -> Iterator[models.DecisionRow]:
        """Open decisions: all rows, page after page."""
        return self._transport.pages("/v1/decisions", models.DecisionList, query={})

    def decide(
        self,
        decision_id: str,
        body: models.FulfillmentDecideBody,
        *,
        idempotency_key: str | None = None,
    ) -> models.DecisionRow:
        """Answer a decision.

        The buyer chooses, or the operator for it; money and stock move at once.
        """
        return self._transport.send(
            "POST",
            f"/v1/decisions/{quote(decision_id, safe='')}",
            models.DecisionRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Declarations:
    """Operations under `/v1/declarations`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_declarations(
        self,
        *,
        status: models.DeclarationState | None = None,
        refund: models.RefundState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.DeclarationList:
        """List export declarations.

        The newest first; `refund` leaves those whose refund of VAT is so far.
        """
        return self._transport.send(
            "GET",
            "/v1/declarations",
            models.DeclarationList,
            query={"status": status, "refund": refund, "cursor": cursor, "limit": limit},
        )

    def iter_declarations(
        self,
        *,
        status: models.DeclarationState | None = None,
        refund: models.RefundState | None = None,
    ) -> Iterator[models.DeclarationRow]:
        """List export declarations: all rows, page after page."""
        return self._transport.pages(
            "/v1/declarations", models.DeclarationList, query={"status": status, "refund": refund}
        )

    def get_declaration(self, declaration_id: str) -> models.ExportDeclaration:
        """The data set of a declaration.

        HS lines, values, weights, terms, taxes and refund, as of its day; empty is not known.
        """
        return self._transport.send(
            "GET", f"/v1/declarations/{quote(declaration_id, safe='')}", models.ExportDeclaration
        )

    def move_declaration(
        self, declaration_id: str, body: models.MoveBody, *, idempotency_key: str | None = None
    ) -> models.DeclarationRow:
        """Move a declaration.

        What was said to customs or by it: lodged, held, queried, released, returned, forfeited.

        A release ends the stage of its goods; what is returned or forfeited becomes a question
        to the buyer.
        """
        return self._transport.send(
            "POST",
            f"/v1/declarations/{quote(declaration_id, safe='')}/move",
            models.DeclarationRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_declaration_pdf(
        self, declaration_id: str, *, lang: Literal["en", "zh"] | None = None
    ) -> bytes:
        """A declaration as PDF.

        The same on A4, in English or Chinese.
        """
        return self._transport.send(
            "GET",
            f"/v1/declarations/{quote(declaration_id, safe='')}/pdf",
            bytes,
            query={"lang": lang},
        )

    def move_refund(
        self, declaration_id: str, body: models.RefundBody, *, idempotency_key: str | None = None
    ) -> models.DeclarationRow:
        """Move a refund of VAT.

        Filed, paid, repaid, or taken as sold at home; it is MATCHED by itself.
        """
        return self._transport.send(
            "POST",
            f"/v1/declarations/{quote(declaration_id, safe='')}/refund",
            models.DeclarationRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class DemandOverrides:
    """Operations under `/v1/demand-overrides`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_overrides(self, *, sku: str, node: str) -> models.OverrideList:
        """Overrides of a series.

        What planners said about the demand of a SKU at a node; the latest hundred.
        """
        return self._transport.send(
            "GET", "/v1/demand-overrides", models.OverrideList, query={"sku": sku, "node": node}
        )

    def override_demand(
        self, body: models.OverrideBody, *, idempotency_key: str | None = None
    ) -> models.OverrideAnswer:
        """Override a forecast.

        Plans from now on use it; what it earned or lost is told when the demand is known.
        """
        return self._transport.send(
            "POST",
            "/v1/demand-overrides",
            models.OverrideAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def withdraw_override(
        self, override_id: str, *, idempotency_key: str | None = None
    ) -> models.OverrideAnswer:
        """Withdraw an override.

        Plans from now on are without it; it stays on record.
        """
        return self._transport.send(
            "POST",
            f"/v1/demand-overrides/{quote(override_id, safe='')}/withdraw",
            models.OverrideAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Events:
    """Operations under `/v1/events`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_events(self, *, after: int | None = None, limit: int | None = None) -> models.FeedPage:
        """The feed of events.

        Events the caller is a party of, in order of `feed_seq`, from after `after` on.

        Every event comes at least once here and never changes its place: keep `next_after` and
        go on from it. An event appears a moment after its change, when it is published.
        """
        return self._transport.send(
            "GET", "/v1/events", models.FeedPage, query={"after": after, "limit": limit}
        )


class ExportTerms:
    """Operations under `/v1/export-terms`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_export_terms(
        self,
        *,
        country: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.ExportTermList:
        """List export terms.

        They come in as the file `export_terms`.
        """
        return self._transport.send(
            "GET",
            "/v1/export-terms",
            models.ExportTermList,
            query={"country": country, "valid_on": valid_on, "cursor": cursor, "limit": limit},
        )

    def iter_export_terms(
        self, *, country: str | None = None, valid_on: dt.date | None = None
    ) -> Iterator[models.ExportTermRow]:
        """List export terms: all rows, page after page."""
        return self._transport.pages(
            "/v1/export-terms",
            models.ExportTermList,
            query={"country": country, "valid_on": valid_on},
        )


class Fapiaos:
    """Operations under `/v1/fapiaos`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_fapiaos(
        self, *, supplier: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.FapiaoList:
        """List fapiaos.

        The latest entered first, with how many of their units cover exports.
        """
        return self._transport.send(
            "GET",
            "/v1/fapiaos",
            models.FapiaoList,
            query={"supplier": supplier, "cursor": cursor, "limit": limit},
        )

    def iter_fapiaos(self, *, supplier: str | None = None) -> Iterator[models.FapiaoRow]:
        """List fapiaos: all rows, page after page."""
        return self._transport.pages("/v1/fapiaos", models.FapiaoList, query={"supplier": supplier})

    def enter_fapiao(
        self, body: models.FapiaoBody, *, idempotency_key: str | None = None
    ) -> models.FapiaoRow:
        """Enter a fapiao.

        Special ones cover exports of their supplier's goods by the company they are made out
        to.
        """
        return self._transport.send(
            "POST",
            "/v1/fapiaos",
            models.FapiaoRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Forecasts:
    """Operations under `/v1/forecasts`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_forecast(
        self, *, sku: str, node: str, plan: str | None = None
    ) -> models.ForecastAnswer:
        """The forecast of a series.

        History and forecast of a SKU at a node, by a run or by the latest finished one.
        """
        return self._transport.send(
            "GET",
            "/v1/forecasts",
            models.ForecastAnswer,
            query={"sku": sku, "node": node, "plan": plan},
        )


class Gs1Prefix:
    """Operations under `/v1/gs1-prefix`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_gs1_prefix(self) -> models.Gs1Prefix:
        """The GS1 company prefix.

        Of the operator. Empty where none was set.
        """
        return self._transport.send("GET", "/v1/gs1-prefix", models.Gs1Prefix)

    def set_gs1_prefix(
        self, body: models.Gs1Prefix, *, idempotency_key: str | None = None
    ) -> models.Gs1Prefix:
        """Set the GS1 company prefix.

        Parcels and announced cartons get SSCCs of it from now on; an empty one ends that.
        """
        return self._transport.send(
            "POST",
            "/v1/gs1-prefix",
            models.Gs1Prefix,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Health:
    """Operations under `/v1/health`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def prove_invariants(self) -> models.DataHealth:
        """Prove the invariants of the data.

        Proves stock, goods inbound, reservations, ledger, holds, payments, feed and webhooks
        anew.

        For the operator. Reads everything, so ask rarely.
        """
        return self._transport.send("GET", "/v1/health/invariants", models.DataHealth)


class Imports:
    """Operations under `/v1/imports`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_imports(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.ImportList:
        """Imports.

        Imports of the organization, newest first, from every door.
        """
        return self._transport.send(
            "GET", "/v1/imports", models.ImportList, query={"cursor": cursor, "limit": limit}
        )

    def iter_imports(self) -> Iterator[models.ImportAnswer]:
        """Imports: all rows, page after page."""
        return self._transport.pages("/v1/imports", models.ImportList, query={})

    def start_import(
        self,
        file: tuple[str, bytes],
        *,
        columns: list[str] | None = None,
        constants: list[str] | None = None,
        create_missing: bool | None = None,
        dataset: str | None = None,
        dry_run: bool | None = None,
        first_day: dt.date | None = None,
        sheet: str | None = None,
        strict: bool | None = None,
        idempotency_key: str | None = None,
    ) -> models.ImportAnswer:
        """Import a file.

        Keeps the file and asks for its import; ask `/v1/imports/{id}` how far it is.

        Good rows are kept and bad ones listed in the result file; `strict` keeps all or none,
        `dry_run` shows what would happen and changes nothing.
        """
        return self._transport.send(
            "POST",
            "/v1/imports",
            models.ImportAnswer,
            file=file,
            form={
                "columns": columns,
                "constants": constants,
                "create_missing": create_missing,
                "dataset": dataset,
                "dry_run": dry_run,
                "first_day": first_day,
                "sheet": sheet,
                "strict": strict,
            },
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_datasets(self) -> models.DatasetList:
        """What can be imported.

        The data sets with their fields. The headers of a file need not be these.
        """
        return self._transport.send("GET", "/v1/imports/datasets", models.DatasetList)

    def get_template(self, name: str, *, format: Literal["xlsx", "csv"] | None = None) -> bytes:
        """A file to fill in.

        Headers and an example row; in XLSX also what each column means.
        """
        return self._transport.send(
            "GET",
            f"/v1/imports/datasets/{quote(name, safe='')}/template",
            bytes,
            query={"format": format},
        )

    def get_import(self, import_id: str) -> models.ImportAnswer:
        """One import.

        How far an import is, and what it did.
        """
        return self._transport.send(
            "GET", f"/v1/imports/{quote(import_id, safe='')}", models.ImportAnswer
        )

    def get_result(self, import_id: str) -> bytes:
        """The rows that are not right.

        CSV: row, column, field, code, value, message and what would be right.
        """
        return self._transport.send("GET", f"/v1/imports/{quote(import_id, safe='')}/result", bytes)


class Inbound:
    """Operations under `/v1/inbound`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_inbound(
        self, *, node: str | None = None, weeks: int | None = None
    ) -> models.InboundList:
        """Inbound calendar.

        Purchases on their way and accepted proposals, by node and week.
        """
        return self._transport.send(
            "GET", "/v1/inbound", models.InboundList, query={"node": node, "weeks": weeks}
        )


class InventoryRisks:
    """Operations under `/v1/inventory-risks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_risks(
        self,
        *,
        state: models.RiskState | None = None,
        remedy: models.RemedyKind | None = None,
        node: str | None = None,
        classes: str | None = None,
        q: str | None = None,
        plan: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.RiskList:
        """Inventory risk.

        Positions of a plan, or of the latest finished one, the most money at stake first.
        """
        return self._transport.send(
            "GET",
            "/v1/inventory-risks",
            models.RiskList,
            query={
                "state": state,
                "remedy": remedy,
                "node": node,
                "classes": classes,
                "q": q,
                "plan": plan,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_risks(
        self,
        *,
        state: models.RiskState | None = None,
        remedy: models.RemedyKind | None = None,
        node: str | None = None,
        classes: str | None = None,
        q: str | None = None,
        plan: str | None = None,
    ) -> Iterator[models.RiskAnswer]:
        """Inventory risk: all rows, page after page."""
        return self._transport.pages(
            "/v1/inventory-risks",
            models.RiskList,
            query={
                "state": state,
                "remedy": remedy,
                "node": node,
                "classes": classes,
                "q": q,
                "plan": plan,
            },
        )


class Jobs:
    """Operations under `/v1/jobs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_one_job(self, job_id: str) -> models.JobAnswer:
        """One job.

        How far a job is: an import, a plan run, any other long work of the organization.
        """
        return self._transport.send("GET", f"/v1/jobs/{quote(job_id, safe='')}", models.JobAnswer)


class Journeys:
    """Operations under `/v1/journeys`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_journeys(
        self,
        *,
        stage: str | None = None,
        order: str | None = None,
        late: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.JourneyList:
        """Open journeys.

        The buyer's own or, for the operator, all; `order` is a part of the order's number.
        """
        return self._transport.send(
            "GET",
            "/v1/journeys",
            models.JourneyList,
            query={"stage": stage, "order": order, "late": late, "cursor": cursor, "limit": limit},
        )

    def iter_journeys(
        self, *, stage: str | None = None, order: str | None = None, late: bool | None = None
    ) -> Iterator[models.JourneyRow]:
        """Open journeys: all rows, page after page."""
        return self._transport.pages(
            "/v1/journeys", models.JourneyList, query={"stage": stage, "order": order, "late": late}
        )

    def finish_stage(
        self, body: models.FinishBody, *, idempotency_key: str | None = None
    ) -> models.FinishAnswer:
        """End a stage of journeys.

        Up to 10,000 at once; those in another stage are left alone, so twice is once.
        """
        return self._transport.send(
            "POST",
            "/v1/journeys/finish",
            models.FinishAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_journey(self, journey_id: str) -> models.JourneyDetail:
        """One journey.

        Where its units are, who owns them, what was done and what comes next.
        """
        return self._transport.send(
            "GET", f"/v1/journeys/{quote(journey_id, safe='')}", models.JourneyDetail
        )

    def inspect(
        self, journey_id: str, body: models.InspectBody, *, idempotency_key: str | None = None
    ) -> models.Inspection:
        """Record an inspection.

        An accepted lot goes on without its bad pieces; of a rejected one is asked what to do.
        """
        return self._transport.send(
            "POST",
            f"/v1/journeys/{quote(journey_id, safe='')}/inspect",
            models.Inspection,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def plan_inspection(self, journey_id: str) -> models.InspectionPlan:
        """How to inspect a lot.

        Pieces to inspect and defects allowed, by what the supplier's latest lots showed.
        """
        return self._transport.send(
            "GET",
            f"/v1/journeys/{quote(journey_id, safe='')}/inspection-plan",
            models.InspectionPlan,
        )

    def get_label(
        self,
        journey_id: str,
        *,
        format: Literal["pdf", "zpl"] | None = None,
        lang: Literal["en", "zh"] | None = None,
    ) -> bytes:
        """The label of a box.

        For the operator: the door, the waybill and a GS1-128 code on 100 x 150 mm.
        """
        return self._transport.send(
            "GET",
            f"/v1/journeys/{quote(journey_id, safe='')}/label",
            bytes,
            query={"format": format, "lang": lang},
        )

    def question_units(
        self, journey_id: str, body: models.QuestionBody, *, idempotency_key: str | None = None
    ) -> models.DecisionRow:
        """Call units into question.

        Short, damaged, wrong, rejected, lost: opens a decision; the other units go on.
        """
        return self._transport.send(
            "POST",
            f"/v1/journeys/{quote(journey_id, safe='')}/question",
            models.DecisionRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def quote_journey(self, journey_id: str) -> models.JourneyQuotes:
        """Quote a journey's box.

        By the weight and size of its goods. For the operator.
        """
        return self._transport.send(
            "GET", f"/v1/journeys/{quote(journey_id, safe='')}/quotes", models.JourneyQuotes
        )

    def choose_service(
        self, journey_id: str, body: models.ChooseBody, *, idempotency_key: str | None = None
    ) -> models.CarriageAnswer:
        """Choose a service.

        The box goes by it, at the quote of this moment; choosing again replaces the choice.
        """
        return self._transport.send(
            "POST",
            f"/v1/journeys/{quote(journey_id, safe='')}/service",
            models.CarriageAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Ledger:
    """Operations under `/v1/ledger`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_balances(self) -> models.BalanceList:
        """Balances of the caller.

        What the caller has in each account and currency, and what is held for open orders.
        """
        return self._transport.send("GET", "/v1/ledger/balances", models.BalanceList)

    def take_bank_file(
        self, file: tuple[str, bytes], *, bank: str, idempotency_key: str | None = None
    ) -> models.BankFileResult:
        """Book a bank's statement.

        The credits of a camt.053 or CSV file pay the orders their texts name. For the operator.

        CSV is UTF-8 with the columns id, amount (major units), currency, reference. All of the
        file is booked, or nothing; an entry known from an earlier file has no second effect.
        `bank` names the account: the bank's own names are unique within it.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/bank-files",
            models.BankFileResult,
            file=file,
            form={"bank": bank},
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_credit_lines(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.CreditLineList:
        """Lines of credit.

        The caller's lines of credit; for the operator those of all buyers.
        """
        return self._transport.send(
            "GET",
            "/v1/ledger/credit-lines",
            models.CreditLineList,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_credit_lines(self) -> Iterator[models.CreditLine]:
        """Lines of credit: all rows, page after page."""
        return self._transport.pages("/v1/ledger/credit-lines", models.CreditLineList, query={})

    def set_credit_line(
        self, body: models.CreditBody, *, idempotency_key: str | None = None
    ) -> models.Done:
        """Set a line of credit.

        Opens a buyer's line of credit, or changes it. For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/credit-lines",
            models.Done,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def repay_credit(
        self, body: models.RepayBody, *, idempotency_key: str | None = None
    ) -> models.Done:
        """Repay credit.

        Pays late fees, then the oldest statement, then the rest of what is owed.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/credit-lines/repay",
            models.Done,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def exchange(
        self, body: models.ExchangeBody, *, idempotency_key: str | None = None
    ) -> models.Exchanged:
        """Exchange money.

        Changes money of the caller's balance at the newest known rate, less a shown margin.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/exchange",
            models.Exchanged,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_papers(
        self,
        *,
        kind: Literal["INVOICE", "CREDIT_NOTE", "ACCOUNT_STATEMENT", "CREDIT_STATEMENT"]
        | None = None,
        reference: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.PaperList:
        """Invoices, credit notes and statements.

        The buyer's own or, for the operator, all; `reference` is a number or a buyer's code.
        """
        return self._transport.send(
            "GET",
            "/v1/ledger/papers",
            models.PaperList,
            query={"kind": kind, "reference": reference, "cursor": cursor, "limit": limit},
        )

    def iter_papers(
        self,
        *,
        kind: Literal["INVOICE", "CREDIT_NOTE", "ACCOUNT_STATEMENT", "CREDIT_STATEMENT"]
        | None = None,
        reference: str | None = None,
    ) -> Iterator[models.PaperRow]:
        """Invoices, credit notes and statements: all rows, page after page."""
        return self._transport.pages(
            "/v1/ledger/papers", models.PaperList, query={"kind": kind, "reference": reference}
        )

    def get_paper(self, paper_id: str) -> models.PaperShown:
        """One invoice, credit note or statement.

        All that stands on it, as it was issued; nothing of it ever changes.
        """
        return self._transport.send(
            "GET", f"/v1/ledger/papers/{quote(paper_id, safe='')}", models.PaperShown
        )

    def list_entries(
        self, paper_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.StatedLines:
        """The entries of a statement.

        What moved in its month; they come to its sums.
        """
        return self._transport.send(
            "GET",
            f"/v1/ledger/papers/{quote(paper_id, safe='')}/entries",
            models.StatedLines,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_entries(self, paper_id: str) -> Iterator[models.StatedLine]:
        """The entries of a statement: all rows, page after page."""
        return self._transport.pages(
            f"/v1/ledger/papers/{quote(paper_id, safe='')}/entries", models.StatedLines, query={}
        )

    def get_pdf(self, paper_id: str, *, lang: Literal["en", "zh"] | None = None) -> bytes:
        """A paper as PDF.

        The same on A4, in English or Chinese.
        """
        return self._transport.send(
            "GET", f"/v1/ledger/papers/{quote(paper_id, safe='')}/pdf", bytes, query={"lang": lang}
        )

    def list_payments(
        self, *, status: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.PaymentList:
        """Payments from outside.

        Bank transfers and card payments that came; for the operator those of all buyers.
        """
        return self._transport.send(
            "GET",
            "/v1/ledger/payments",
            models.PaymentList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_payments(self, *, status: str | None = None) -> Iterator[models.PaymentRow]:
        """Payments from outside: all rows, page after page."""
        return self._transport.pages(
            "/v1/ledger/payments", models.PaymentList, query={"status": status}
        )

    def receive_payment(
        self, body: models.PaymentBodyIn, *, idempotency_key: str | None = None
    ) -> models.Payment:
        """Tell of a payment.

        Money that came from outside pays the order its reference names. For the operator.

        It goes to the buyer's balance; when the order waits and the balance suffices, it is
        paid.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/payments",
            models.Payment,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def reverse_payment(
        self, body: models.ReverseBody, *, idempotency_key: str | None = None
    ) -> models.Reversed:
        """Reverse a payment.

        Takes back what a bank or a card's holder took back; what the balance lacks is a loss.
        """
        return self._transport.send(
            "POST",
            "/v1/ledger/payments/reverse",
            models.Reversed,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def assign_payment(
        self, payment_id: str, body: models.AssignBody, *, idempotency_key: str | None = None
    ) -> models.Done:
        """Assign a payment.

        Says whose money an unmatched payment is; it goes to that buyer's balance.
        """
        return self._transport.send(
            "POST",
            f"/v1/ledger/payments/{quote(payment_id, safe='')}/assign",
            models.Done,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_statements(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.StatementList:
        """Statements of credit.

        What was ordered on credit each month and is due; for the operator that of all buyers.
        """
        return self._transport.send(
            "GET",
            "/v1/ledger/statements",
            models.StatementList,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_statements(self) -> Iterator[models.Statement]:
        """Statements of credit: all rows, page after page."""
        return self._transport.pages("/v1/ledger/statements", models.StatementList, query={})

    def list_transfers(
        self, *, currency: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.TransferList:
        """Transfers of the caller.

        The caller's own entries, newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/ledger/transfers",
            models.TransferList,
            query={"currency": currency, "cursor": cursor, "limit": limit},
        )

    def iter_transfers(self, *, currency: str | None = None) -> Iterator[models.TransferLine]:
        """Transfers of the caller: all rows, page after page."""
        return self._transport.pages(
            "/v1/ledger/transfers", models.TransferList, query={"currency": currency}
        )


class LegalEntity:
    """Operations under `/v1/legal-entity`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_legal_entity(self) -> models.EntityAnswer:
        """The company that papers name.

        Of the organization that the key belongs to, and what papers lack of it.
        """
        return self._transport.send("GET", "/v1/legal-entity", models.EntityAnswer)

    def state_legal_entity(
        self, body: models.EntityBody, *, idempotency_key: str | None = None
    ) -> models.EntityRow:
        """State the company that papers name.

        Adds a version. Papers name it from its day on; those that were issued do not change.
        """
        return self._transport.send(
            "POST",
            "/v1/legal-entity",
            models.EntityRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_legal_entities(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.EntityList:
        """All versions of the company that papers name.

        What was stated, and from which day on it stands on papers.
        """
        return self._transport.send(
            "GET",
            "/v1/legal-entity/versions",
            models.EntityList,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_legal_entities(self) -> Iterator[models.EntityRow]:
        """All versions of the company that papers name: all rows, page after page."""
        return self._transport.pages("/v1/legal-entity/versions", models.EntityList, query={})


class LowValueRules:
    """Operations under `/v1/low-value-rules`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_low_value_rules(
        self,
        *,
        country: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.LowValueRuleList:
        """List low value rules.

        They come in as the file `low_value_rules`.
        """
        return self._transport.send(
            "GET",
            "/v1/low-value-rules",
            models.LowValueRuleList,
            query={"country": country, "valid_on": valid_on, "cursor": cursor, "limit": limit},
        )

    def iter_low_value_rules(
        self, *, country: str | None = None, valid_on: dt.date | None = None
    ) -> Iterator[models.LowValueRuleRow]:
        """List low value rules: all rows, page after page."""
        return self._transport.pages(
            "/v1/low-value-rules",
            models.LowValueRuleList,
            query={"country": country, "valid_on": valid_on},
        )


class MatchTolerance:
    """Operations under `/v1/match-tolerance`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_tolerance(self) -> models.Tolerance:
        """How far invoices may differ.

        Nothing, until the operator says otherwise.
        """
        return self._transport.send("GET", "/v1/match-tolerance", models.Tolerance)

    def set_tolerance(self, body: models.Tolerance) -> models.Tolerance:
        """Set how far invoices may differ.

        Counts for invoices entered, or looked at again, from now on.
        """
        return self._transport.send("PUT", "/v1/match-tolerance", models.Tolerance, body=body)


class NewGoods:
    """Operations under `/v1/new-goods`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_new_goods(
        self,
        *,
        status: Literal["WAITING", "RETURNED", "APPROVED"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.NewGoodsList:
        """List new goods.

        Goods in a state: a supplier's own, the operator's all, the longest waiting first.
        """
        return self._transport.send(
            "GET",
            "/v1/new-goods",
            models.NewGoodsList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_new_goods(
        self, *, status: Literal["WAITING", "RETURNED", "APPROVED"] | None = None
    ) -> Iterator[models.NewGoods]:
        """List new goods: all rows, page after page."""
        return self._transport.pages("/v1/new-goods", models.NewGoodsList, query={"status": status})

    def tell_new_goods(
        self, body: models.TellBody, *, idempotency_key: str | None = None
    ) -> models.TellAnswer:
        """Tell of new goods.

        A supplier tells of goods; they wait for the operator. Told of again, they wait again.
        """
        return self._transport.send(
            "POST",
            "/v1/new-goods",
            models.TellAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_new_goods(self, draft_id: str) -> models.NewGoods:
        """One of the new goods.

        Goods that the caller told of, or that the operator decides about.
        """
        return self._transport.send(
            "GET", f"/v1/new-goods/{quote(draft_id, safe='')}", models.NewGoods
        )

    def approve(
        self, draft_id: str, body: models.ApproveBody, *, idempotency_key: str | None = None
    ) -> models.NewGoods:
        """Approve new goods.

        Takes goods of a verified supplier into the catalog: SKU, pictures and terms.
        """
        return self._transport.send(
            "POST",
            f"/v1/new-goods/{quote(draft_id, safe='')}/approve",
            models.NewGoods,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def add_photo(
        self, draft_id: str, body: models.NewPhotoBody, *, idempotency_key: str | None = None
    ) -> models.NewGoods:
        """Add a photo to new goods.

        A photo of goods that wait; the same one twice is one.
        """
        return self._transport.send(
            "POST",
            f"/v1/new-goods/{quote(draft_id, safe='')}/photos",
            models.NewGoods,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def return_new_goods(
        self, draft_id: str, body: models.SendBackBody, *, idempotency_key: str | None = None
    ) -> models.NewGoods:
        """Return new goods.

        Gives goods back to their supplier with a reason; it may tell of them again.
        """
        return self._transport.send(
            "POST",
            f"/v1/new-goods/{quote(draft_id, safe='')}/return",
            models.NewGoods,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def take_back(self, draft_id: str, *, idempotency_key: str | None = None) -> models.NewGoods:
        """Take new goods back.

        Forgets goods one told of that are not in the catalog; the answer is what they were.
        """
        return self._transport.send(
            "POST",
            f"/v1/new-goods/{quote(draft_id, safe='')}/take-back",
            models.NewGoods,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class OrderChanges:
    """Operations under `/v1/order-changes`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def answer_change(
        self, change_id: str, body: models.ChangeAnswerBody, *, idempotency_key: str | None = None
    ) -> models.ChangeAnswer:
        """Answer a change.

        Accepted, the order has the new terms and what is inbound follows to the unit.
        """
        return self._transport.send(
            "POST",
            f"/v1/order-changes/{quote(change_id, safe='')}/answer",
            models.ChangeAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Orders:
    """Operations under `/v1/orders`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_orders(
        self,
        *,
        status: str | None = None,
        reference: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.OrdersOrderList:
        """List orders.

        The caller's orders (the operator: of all buyers), newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/orders",
            models.OrdersOrderList,
            query={"status": status, "reference": reference, "cursor": cursor, "limit": limit},
        )

    def iter_orders(
        self, *, status: str | None = None, reference: str | None = None
    ) -> Iterator[models.OrdersOrderRow]:
        """List orders: all rows, page after page."""
        return self._transport.pages(
            "/v1/orders", models.OrdersOrderList, query={"status": status, "reference": reference}
        )

    def place_order(
        self, body: models.OrdersOrderBody, *, idempotency_key: str | None = None
    ) -> models.Order:
        """Place an order.

        Reserves the stock and holds the money, or changes nothing and says what would be
        accepted.

        An order by TRANSFER is PLACED: it keeps its stock until `expires_at` and waits for the
        money. Repeat it with the same Idempotency-Key as often as needed: it has one effect and
        one answer.
        """
        return self._transport.send(
            "POST",
            "/v1/orders",
            models.Order,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def place_bulk(
        self, body: models.BulkBody, *, idempotency_key: str | None = None
    ) -> models.BulkAnswer:
        """Place many orders.

        Up to 1,000 orders, each placed or refused on its own, all under one Idempotency-Key.
        """
        return self._transport.send(
            "POST",
            "/v1/orders/bulk",
            models.BulkAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def preview_order(self, body: models.OrdersOrderBody) -> models.Quote:
        """Preview an order.

        What the order would be now. Nothing is reserved, and no Idempotency-Key is needed.
        """
        return self._transport.send("POST", "/v1/orders/preview", models.Quote, body=body)

    def place_sheet(
        self, file: tuple[str, bytes], *, idempotency_key: str | None = None
    ) -> models.SheetResult:
        """Place the orders of a file.

        A CSV or XLSX file of up to 1,000 orders; a result for every row.

        Columns: reference, sku, quantity (base units), name, country, and if wanted currency,
        payment, sales_model, phone, region, city, postcode, line1, line2, customer, note. Rows
        of one reference are one order. One with a bad row is left out, the others are placed or
        refused on their own.
        """
        return self._transport.send(
            "POST",
            "/v1/orders/sheet",
            models.SheetResult,
            file=file,
            form={},
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_order(self, order_id: str) -> models.OrdersOrderAnswer:
        """One order.

        The order with lines, parts and timeline.
        """
        return self._transport.send(
            "GET", f"/v1/orders/{quote(order_id, safe='')}", models.OrdersOrderAnswer
        )

    def amend_order(
        self, order_id: str, body: models.AmendBody, *, idempotency_key: str | None = None
    ) -> models.Order:
        """Amend an order.

        Changes or cancels lines of which nothing has left, at the price the new quantity has.

        The stock reserved and the money held follow exactly; all of it happens, or nothing.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/amend",
            models.Order,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def cancel_order(self, order_id: str, *, idempotency_key: str | None = None) -> models.Order:
        """Cancel an order.

        Gives back the stock and the money of an order of which nothing has left.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/cancel",
            models.Order,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def checkout(
        self, order_id: str, body: models.CheckoutBody, *, idempotency_key: str | None = None
    ) -> models.Checkout:
        """Pay by card.

        Begins to pay an order by the provider that is set up: its total, deposit or balance.

        With `external_id` it looks at a payment begun before and books what became of it,
        should the provider's own word of it not have come.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/checkout",
            models.Checkout,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def open_claim(
        self, order_id: str, body: models.ClaimBody, *, idempotency_key: str | None = None
    ) -> models.ClaimRow:
        """Claim money back.

        Asks for the price of units, or amounts off lines; the order's money is frozen
        meanwhile.

        Possible from when something has left until some days after the money was released.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/claims",
            models.ClaimRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def confirm_receipt(
        self, order_id: str, *, idempotency_key: str | None = None
    ) -> models.Receipt:
        """Confirm a receipt.

        All of the order is there and as it should be: its money goes to the seller now.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/confirm-receipt",
            models.Receipt,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_document(self, order_id: str, document: str) -> models.TradeDocument:
        """A document of an order.

        `commercial-invoice` or `packing-list` of the units that are sent or standing, as data.
        """
        return self._transport.send(
            "GET",
            f"/v1/orders/{quote(order_id, safe='')}/documents/{quote(document, safe='')}",
            models.TradeDocument,
        )

    def get_document_pdf(
        self, order_id: str, document: str, *, lang: Literal["en", "zh"] | None = None
    ) -> bytes:
        """A document as PDF.

        The same on A4, in English or Chinese.
        """
        return self._transport.send(
            "GET",
            f"/v1/orders/{quote(order_id, safe='')}/documents/{quote(document, safe='')}/pdf",
            bytes,
            query={"lang": lang},
        )

    def ask_invoice(
        self, order_id: str, *, idempotency_key: str | None = None
    ) -> models.OrderPapers:
        """Invoice an order.

        Issues now what a paid order lacks of its papers; without it, when the first of it
        leaves.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/invoice",
            models.OrderPapers,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_of_order(self, order_id: str) -> models.OrderJourneys:
        """The journeys of an order.

        Where every unit of the order is or ended, with stages, owners and decisions.
        """
        return self._transport.send(
            "GET", f"/v1/orders/{quote(order_id, safe='')}/journeys", models.OrderJourneys
        )

    def propose_packing(self, order_id: str, *, node: str | None = None) -> models.PackingProposal:
        """Propose parcels.

        For what of the order waits to be packed at a node (that of the first goods if unnamed).
        """
        return self._transport.send(
            "GET",
            f"/v1/orders/{quote(order_id, safe='')}/packing-proposal",
            models.PackingProposal,
            query={"node": node},
        )

    def list_packings(self, order_id: str) -> models.PackingList:
        """Packings of an order.

        What was proposed and what was made of it, the newest first. For the operator.
        """
        return self._transport.send(
            "GET", f"/v1/orders/{quote(order_id, safe='')}/packings", models.PackingList
        )

    def pack_order(
        self, order_id: str, body: models.PackBody, *, idempotency_key: str | None = None
    ) -> models.PackingKept:
        """Record a packing.

        Each unit that waits at the node is in one of the parcels; their packing ends.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/packings",
            models.PackingKept,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def pay_order(
        self, order_id: str, body: models.PayBody, *, idempotency_key: str | None = None
    ) -> models.Order:
        """Pay an order.

        Pays a PLACED order, or the balance of one, from the buyer's balance or line of credit.

        Of an order with a deposit the first payment takes the deposit. The next takes the
        balance of the lines whose goods are made, or of all while there are none, from where
        the deposit came.
        """
        return self._transport.send(
            "POST",
            f"/v1/orders/{quote(order_id, safe='')}/pay",
            models.Order,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_proforma(self, order_id: str, *, lang: Literal["en", "zh"] | None = None) -> bytes:
        """The proforma of an order.

        What an order, or a balance, that waits for money costs, for the buyer's bank; PDF on
        A4.
        """
        return self._transport.send(
            "GET", f"/v1/orders/{quote(order_id, safe='')}/proforma", bytes, query={"lang": lang}
        )

    def share_tracking(self, order_id: str) -> models.TrackingAnswer:
        """Share where an order is.

        A link that shows stages and dates, no prices and no supplier; the one before ends.
        """
        return self._transport.send(
            "POST", f"/v1/orders/{quote(order_id, safe='')}/tracking-link", models.TrackingAnswer
        )


class Organization:
    """Operations under `/v1/organization`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_organization(self) -> models.OrganizationAnswer:
        """Who you are.

        The organization that the key belongs to.
        """
        return self._transport.send("GET", "/v1/organization", models.OrganizationAnswer)


class Packings:
    """Operations under `/v1/packings`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_labels(
        self,
        packing_id: str,
        *,
        format: Literal["pdf", "zpl"] | None = None,
        lang: Literal["en", "zh"] | None = None,
    ) -> bytes:
        """The labels of packed parcels.

        One a parcel on 100 x 150 mm, with its SSCC where there is a GS1 company prefix.
        """
        return self._transport.send(
            "GET",
            f"/v1/packings/{quote(packing_id, safe='')}/labels",
            bytes,
            query={"format": format, "lang": lang},
        )


class Parcels:
    """Operations under `/v1/parcels`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def receive_parcel(
        self, body: models.ParcelBody, *, idempotency_key: str | None = None
    ) -> models.ParcelAnswer:
        """Receive a parcel at a hub.

        Scanned by its domestic waybill; missing, broken and wrong units become decisions.
        """
        return self._transport.send(
            "POST",
            "/v1/parcels",
            models.ParcelAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class PaymentTerms:
    """Operations under `/v1/payment-terms`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_terms(self, *, cursor: str | None = None, limit: int | None = None) -> models.TermList:
        """List terms of payment.

        The calling supplier's or, for the operator, all; those set last first.
        """
        return self._transport.send(
            "GET", "/v1/payment-terms", models.TermList, query={"cursor": cursor, "limit": limit}
        )

    def iter_terms(self) -> Iterator[models.TermRow]:
        """List terms of payment: all rows, page after page."""
        return self._transport.pages("/v1/payment-terms", models.TermList, query={})

    def set_terms(
        self, body: models.TermBody, *, idempotency_key: str | None = None
    ) -> models.TermsSet:
        """Set terms of payment.

        How a factory is paid for goods made to order, ordered from now on. For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/payment-terms",
            models.TermsSet,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Photos:
    """Operations under `/v1/photos`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_photos(self, *, kind: models.PhotoKind, subject: str) -> models.PhotoList:
        """The photos of something.

        Who may see what they are of sees its photos.
        """
        return self._transport.send(
            "GET", "/v1/photos", models.PhotoList, query={"kind": kind, "subject": subject}
        )

    def add_photo(
        self, body: models.FulfillmentEvidenceBody, *, idempotency_key: str | None = None
    ) -> models.PhotoRow:
        """Add a photo as evidence.

        By who is a party to it, while it is under way; a photo is never changed or taken away.

        Camera data (place, time, model) is taken out before it is kept. The same picture again
        is the first one.
        """
        return self._transport.send(
            "POST",
            "/v1/photos",
            models.PhotoRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_photo(self, photo_id: str) -> bytes:
        """A photo.

        Its bytes, as `media_type` says; their SHA-256 is the one of the list.
        """
        return self._transport.send("GET", f"/v1/photos/{quote(photo_id, safe='')}", bytes)


class Plans:
    """Operations under `/v1/plans`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_plans(self, *, cursor: str | None = None, limit: int | None = None) -> models.PlanList:
        """Plan runs.

        Every plan run of the operator, newest first.
        """
        return self._transport.send(
            "GET", "/v1/plans", models.PlanList, query={"cursor": cursor, "limit": limit}
        )

    def iter_plans(self) -> Iterator[models.PlanAnswer]:
        """Plan runs: all rows, page after page."""
        return self._transport.pages("/v1/plans", models.PlanList, query={})

    def start_plan(
        self, body: models.PlanBody | None = None, *, idempotency_key: str | None = None
    ) -> models.PlanAnswer:
        """Start a plan.

        A worker plans; `GET /v1/plans/{id}` tells how far it is.
        """
        return self._transport.send(
            "POST",
            "/v1/plans",
            models.PlanAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_plan(self, plan_id: str) -> models.PlanAnswer:
        """One plan run.

        State, progress, inputs' hash, parameters, metrics and notes of a run.
        """
        return self._transport.send(
            "GET", f"/v1/plans/{quote(plan_id, safe='')}", models.PlanAnswer
        )


class Pools:
    """Operations under `/v1/pools`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_pools(
        self,
        *,
        status: Literal["OPEN", "REACHED", "LAPSED", "CANCELLED"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.PoolList:
        """Pools.

        What buyers may reach together, or did.
        """
        return self._transport.send(
            "GET",
            "/v1/pools",
            models.PoolList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_pools(
        self, *, status: Literal["OPEN", "REACHED", "LAPSED", "CANCELLED"] | None = None
    ) -> Iterator[models.PoolRow]:
        """Pools: all rows, page after page."""
        return self._transport.pages("/v1/pools", models.PoolList, query={"status": status})

    def open_pool(
        self, body: models.PoolBody, *, idempotency_key: str | None = None
    ) -> models.PoolRow:
        """Open a pool.

        Of an offer whose minimum, or next price break, is more than one buyer wants.

        For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/pools",
            models.PoolRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_pool(self, pool_id: str) -> models.PoolDetail:
        """A pool.

        With the pledges the caller may see.
        """
        return self._transport.send(
            "GET", f"/v1/pools/{quote(pool_id, safe='')}", models.PoolDetail
        )

    def end_pool(
        self, pool_id: str, body: models.EndBody, *, idempotency_key: str | None = None
    ) -> models.PoolRow:
        """End a pool.

        Now instead of at its time. For the operator.
        """
        return self._transport.send(
            "POST",
            f"/v1/pools/{quote(pool_id, safe='')}/end",
            models.PoolRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def join_pool(
        self, pool_id: str, body: models.PledgeBody, *, idempotency_key: str | None = None
    ) -> models.PoolRow:
        """Join a pool.

        Holds what the units cost at most. Reached, the pledge becomes an order; else all is
        free.
        """
        return self._transport.send(
            "POST",
            f"/v1/pools/{quote(pool_id, safe='')}/join",
            models.PoolRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def leave_pool(self, pool_id: str, *, idempotency_key: str | None = None) -> models.PoolRow:
        """Leave a pool.

        Takes the buyer's pledge back while the pool is open.
        """
        return self._transport.send(
            "POST",
            f"/v1/pools/{quote(pool_id, safe='')}/leave",
            models.PoolRow,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Proposals:
    """Operations under `/v1/proposals`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_proposals(
        self,
        *,
        status: models.PlanningStatus | None = None,
        urgency: models.Urgency | None = None,
        node: str | None = None,
        supplier: str | None = None,
        belt: str | None = None,
        q: str | None = None,
        plan: str | None = None,
        returned: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.ProposalList:
        """Proposals.

        Proposals by order-by date, the riskiest first; without `status` all but SUPERSEDED.
        """
        return self._transport.send(
            "GET",
            "/v1/proposals",
            models.ProposalList,
            query={
                "status": status,
                "urgency": urgency,
                "node": node,
                "supplier": supplier,
                "belt": belt,
                "q": q,
                "plan": plan,
                "returned": returned,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_proposals(
        self,
        *,
        status: models.PlanningStatus | None = None,
        urgency: models.Urgency | None = None,
        node: str | None = None,
        supplier: str | None = None,
        belt: str | None = None,
        q: str | None = None,
        plan: str | None = None,
        returned: bool | None = None,
    ) -> Iterator[models.ProposalAnswer]:
        """Proposals: all rows, page after page."""
        return self._transport.pages(
            "/v1/proposals",
            models.ProposalList,
            query={
                "status": status,
                "urgency": urgency,
                "node": node,
                "supplier": supplier,
                "belt": belt,
                "q": q,
                "plan": plan,
                "returned": returned,
            },
        )

    def issue_proposals(
        self, body: models.IssueBody | None = None, *, idempotency_key: str | None = None
    ) -> models.IssuedList:
        """Issue purchase orders.

        Makes one purchase order a supplier, node and currency of accepted proposals.
        """
        return self._transport.send(
            "POST",
            "/v1/proposals/issue",
            models.IssuedList,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_proposal(self, proposal_id: str) -> models.ProposalAnswer:
        """One proposal.

        A proposal with its reasons and the offers that were compared.
        """
        return self._transport.send(
            "GET", f"/v1/proposals/{quote(proposal_id, safe='')}", models.ProposalAnswer
        )

    def accept_proposal(
        self,
        proposal_id: str,
        body: models.PlanningDecisionBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProposalAnswer:
        """Accept a proposal.

        It waits to be issued as part of a purchase order.
        """
        return self._transport.send(
            "POST",
            f"/v1/proposals/{quote(proposal_id, safe='')}/accept",
            models.ProposalAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def edit_proposal(
        self, proposal_id: str, body: models.PlanningEditBody, *, idempotency_key: str | None = None
    ) -> models.ProposalAnswer:
        """Edit a proposal.

        Order another quantity; MOQ and packs hold, the price follows the offer's breaks.
        """
        return self._transport.send(
            "POST",
            f"/v1/proposals/{quote(proposal_id, safe='')}/edit",
            models.ProposalAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def reject_proposal(
        self,
        proposal_id: str,
        body: models.PlanningDecisionBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProposalAnswer:
        """Reject a proposal.

        Nothing is bought; the next plan looks at the series again.
        """
        return self._transport.send(
            "POST",
            f"/v1/proposals/{quote(proposal_id, safe='')}/reject",
            models.ProposalAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def choose_supplier(
        self, proposal_id: str, body: models.SupplierBody, *, idempotency_key: str | None = None
    ) -> models.ProposalAnswer:
        """Buy elsewhere.

        Another of the compared suppliers: quantity, price and day follow its offer.
        """
        return self._transport.send(
            "POST",
            f"/v1/proposals/{quote(proposal_id, safe='')}/supplier",
            models.ProposalAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class PurchaseDeadlines:
    """Operations under `/v1/purchase-deadlines`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_deadlines(
        self,
        *,
        overdue: bool | None = None,
        concerns: models.Concerned | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.DeadlineList:
        """List deadlines of purchase orders.

        What runs against the operator and its suppliers; `overdue` keeps what has passed.
        """
        return self._transport.send(
            "GET",
            "/v1/purchase-deadlines",
            models.DeadlineList,
            query={"overdue": overdue, "concerns": concerns, "cursor": cursor, "limit": limit},
        )

    def iter_deadlines(
        self, *, overdue: bool | None = None, concerns: models.Concerned | None = None
    ) -> Iterator[models.DeadlineAnswer]:
        """List deadlines of purchase orders: all rows, page after page."""
        return self._transport.pages(
            "/v1/purchase-deadlines",
            models.DeadlineList,
            query={"overdue": overdue, "concerns": concerns},
        )


class PurchaseOrders:
    """Operations under `/v1/purchase-orders`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_orders(
        self,
        *,
        status: models.ProcurementStatus | None = None,
        node: str | None = None,
        late: bool | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.ProcurementOrderList:
        """List purchase orders.

        The operator's orders, or those issued to the calling supplier; newest first.

        `late` keeps those whose answer or goods are overdue; `q` looks in number, supplier and
        SKU.
        """
        return self._transport.send(
            "GET",
            "/v1/purchase-orders",
            models.ProcurementOrderList,
            query={
                "status": status,
                "node": node,
                "late": late,
                "q": q,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_orders(
        self,
        *,
        status: models.ProcurementStatus | None = None,
        node: str | None = None,
        late: bool | None = None,
        q: str | None = None,
    ) -> Iterator[models.ProcurementOrderRow]:
        """List purchase orders: all rows, page after page."""
        return self._transport.pages(
            "/v1/purchase-orders",
            models.ProcurementOrderList,
            query={"status": status, "node": node, "late": late, "q": q},
        )

    def issue_order(
        self, body: models.ProcurementOrderBody, *, idempotency_key: str | None = None
    ) -> models.ProcurementOrderAnswer:
        """Issue a purchase order.

        The operator's order to a supplier; its goods count as inbound at once.
        """
        return self._transport.send(
            "POST",
            "/v1/purchase-orders",
            models.ProcurementOrderAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_order(self, order_id: str) -> models.ProcurementOrderAnswer:
        """One purchase order.

        One order with its lines and timeline, for either party.
        """
        return self._transport.send(
            "GET", f"/v1/purchase-orders/{quote(order_id, safe='')}", models.ProcurementOrderAnswer
        )

    def accept_counter(
        self, order_id: str, *, idempotency_key: str | None = None
    ) -> models.ProcurementOrderAnswer:
        """Accept a counter.

        The order is confirmed on the supplier's quantities, prices and day.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/accept-counter",
            models.ProcurementOrderAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def answer_order(
        self, order_id: str, body: models.Answer, *, idempotency_key: str | None = None
    ) -> models.ProcurementOrderAnswer:
        """Answer a purchase order.

        The supplier's word: CONFIRMED, COUNTERED (lines it changes, a day) or REFUSED (a note).

        The first answer counts; a counter that changes nothing confirms.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/answer",
            models.ProcurementOrderAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def cancel_order(
        self,
        order_id: str,
        body: models.CancelBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProcurementOrderAnswer:
        """Cancel a purchase order.

        Takes back an order of which nothing was received; its goods are no longer inbound.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/cancel",
            models.ProcurementOrderAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_changes(self, order_id: str) -> models.ChangeList:
        """List changes of an order.

        What either side asked to change since the order was confirmed.
        """
        return self._transport.send(
            "GET", f"/v1/purchase-orders/{quote(order_id, safe='')}/changes", models.ChangeList
        )

    def ask_change(
        self, order_id: str, body: models.ChangeBody, *, idempotency_key: str | None = None
    ) -> models.ChangeAnswer:
        """Ask to change an order.

        Other quantities (base units) or another day; it counts when the other side accepts.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/changes",
            models.ChangeAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_deadlines_of(self, order_id: str) -> models.DeadlineList:
        """List deadlines of an order.

        What runs of one order, and what reminded or was escalated before.
        """
        return self._transport.send(
            "GET", f"/v1/purchase-orders/{quote(order_id, safe='')}/deadlines", models.DeadlineList
        )

    def get_purchase_paper(self, order_id: str) -> models.PurchasePaper:
        """A purchase order as it stands.

        What was ordered, what was cancelled of it and what is still wanted, with its amounts.
        """
        return self._transport.send(
            "GET", f"/v1/purchase-orders/{quote(order_id, safe='')}/document", models.PurchasePaper
        )

    def enter_invoice(
        self, order_id: str, body: models.InvoiceBody, *, idempotency_key: str | None = None
    ) -> models.InvoiceAnswer:
        """Enter a supplier invoice.

        Matches it with the order's prices and what was received; a difference waits for a
        person.

        More goods coming in are looked at by themselves.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/invoices",
            models.InvoiceAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def send_link(self, order_id: str, *, idempotency_key: str | None = None) -> models.LinkAnswer:
        """Make a link for the factory.

        A page where the factory answers without an account. The link before it ends.

        A repeated request is answered with the same link for as long as its key is kept.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/link",
            models.LinkAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def ask_payment(
        self, order_id: str, body: models.AskPaymentBody, *, idempotency_key: str | None = None
    ) -> models.SupplierPaymentRow:
        """Ask for a deposit or balance.

        Once it is due. A second person, or key, has to approve it. For the operator.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/payments",
            models.SupplierPaymentRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_purchase_pdf(self, order_id: str, *, lang: Literal["en", "zh"] | None = None) -> bytes:
        """A purchase order as PDF.

        The same on A4, in English or Chinese.
        """
        return self._transport.send(
            "GET",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/pdf",
            bytes,
            query={"lang": lang},
        )

    def get_production(self, order_id: str) -> models.MakingAnswer:
        """How far an order's goods are.

        Its terms, what was paid in advance, and what was told of the making of its goods.
        """
        return self._transport.send(
            "GET", f"/v1/purchase-orders/{quote(order_id, safe='')}/production", models.MakingAnswer
        )

    def report_production(
        self, order_id: str, body: models.MilestoneBody, *, idempotency_key: str | None = None
    ) -> models.MakingAnswer:
        """Say how far goods are.

        STARTED and FINISHED by the factory, PASSED and FAILED by who inspected, the operator.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/production",
            models.MakingAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def receive_goods(
        self, order_id: str, body: models.ReceiveBody, *, idempotency_key: str | None = None
    ) -> models.ReceiptAnswer:
        """Receive goods.

        Counts what came into stock; what did not come stays awaited unless `is_final`.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/receive",
            models.ReceiptAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def announce_shipment(
        self, order_id: str, body: models.NoticeBody, *, idempotency_key: str | None = None
    ) -> models.NoticeAnswer:
        """Announce a shipment.

        Says what was sent of a confirmed order, in base units; each box has its own waybill.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/shipping-notices",
            models.NoticeAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def take_up(
        self, order_id: str, body: models.TakeUpBody, *, idempotency_key: str | None = None
    ) -> models.DeadlineList:
        """Take up what is overdue.

        Somebody of the operator takes care of it: it leaves the queue.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/take-up",
            models.DeadlineList,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def withdraw_order(
        self, order_id: str, body: models.WithdrawalBody, *, idempotency_key: str | None = None
    ) -> models.MakingAnswer:
        """Withdraw from an order.

        The calling factory cannot bring what it confirmed and sent nothing of: the order ends.

        What was paid for it is taken back with the next settlement.
        """
        return self._transport.send(
            "POST",
            f"/v1/purchase-orders/{quote(order_id, safe='')}/withdrawal",
            models.MakingAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class RateCards:
    """Operations under `/v1/rate-cards`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_rate_cards(
        self,
        *,
        node: str | None = None,
        country: str | None = None,
        q: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.RateCardList:
        """List rate cards.

        By service; `q` is a part of its name or its carrier's. They come in as the file
        `rates`.
        """
        return self._transport.send(
            "GET",
            "/v1/rate-cards",
            models.RateCardList,
            query={
                "node": node,
                "country": country,
                "q": q,
                "valid_on": valid_on,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_rate_cards(
        self,
        *,
        node: str | None = None,
        country: str | None = None,
        q: str | None = None,
        valid_on: dt.date | None = None,
    ) -> Iterator[models.RateCardRow]:
        """List rate cards: all rows, page after page."""
        return self._transport.pages(
            "/v1/rate-cards",
            models.RateCardList,
            query={"node": node, "country": country, "q": q, "valid_on": valid_on},
        )


class Returns:
    """Operations under `/v1/returns`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_returns(
        self, *, status: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.ReturnList:
        """Returns.

        The buyer's own or, for the operator, all.
        """
        return self._transport.send(
            "GET",
            "/v1/returns",
            models.ReturnList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_returns(self, *, status: str | None = None) -> Iterator[models.ReturnRow]:
        """Returns: all rows, page after page."""
        return self._transport.pages("/v1/returns", models.ReturnList, query={"status": status})

    def request_return(
        self, body: models.ReturnBody, *, idempotency_key: str | None = None
    ) -> models.ReturnRow:
        """Ask to return units.

        Within 30 days of delivery.
        """
        return self._transport.send(
            "POST",
            "/v1/returns",
            models.ReturnRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def answer_return(
        self,
        return_id: str,
        body: models.FulfillmentAnswerBody,
        *,
        idempotency_key: str | None = None,
    ) -> models.ReturnRow:
        """Approve or refuse a return.

        Approved to a node, or refused when none is named.
        """
        return self._transport.send(
            "POST",
            f"/v1/returns/{quote(return_id, safe='')}/answer",
            models.ReturnRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def grade_return(
        self, return_id: str, body: models.GradeBody, *, idempotency_key: str | None = None
    ) -> models.ReturnRow:
        """Grade what came back.

        Good units can be sold again, the others cannot; the buyer is refunded to the cent.
        """
        return self._transport.send(
            "POST",
            f"/v1/returns/{quote(return_id, safe='')}/grade",
            models.ReturnRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Sandbox:
    """Operations under `/v1/sandbox`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_clock(self) -> models.ClockAnswer:
        """The clock.

        What time it is here: of a test key the sandbox's virtual instant.
        """
        return self._transport.send("GET", "/v1/sandbox", models.ClockAnswer)

    def advance_clock(
        self, body: models.AdvanceBody, *, idempotency_key: str | None = None
    ) -> models.AdvanceAnswer:
        """Let days pass in the sandbox.

        Factories, warehouses, carriers and deadlines do what they do in so many days.

        `faults` are shares of all cases; the same seed goes the same way again.
        """
        return self._transport.send(
            "POST",
            "/v1/sandbox/advance",
            models.AdvanceAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Scenarios:
    """Operations under `/v1/scenarios`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_scenarios(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.ScenarioList:
        """What-ifs.

        Every what-if of the operator, newest first.
        """
        return self._transport.send(
            "GET", "/v1/scenarios", models.ScenarioList, query={"cursor": cursor, "limit": limit}
        )

    def iter_scenarios(self) -> Iterator[models.ScenarioAnswer]:
        """What-ifs: all rows, page after page."""
        return self._transport.pages("/v1/scenarios", models.ScenarioList, query={})

    def ask_scenario(
        self, body: models.ScenarioBody, *, idempotency_key: str | None = None
    ) -> models.ScenarioAnswer:
        """Ask what would happen if.

        A worker plays it on the latest plan's inputs; nothing but the scenario is written.
        """
        return self._transport.send(
            "POST",
            "/v1/scenarios",
            models.ScenarioAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_scenario(self, scenario_id: str) -> models.ScenarioAnswer:
        """One what-if.

        As things are and as they would be, in major units of the plan's currency.
        """
        return self._transport.send(
            "GET", f"/v1/scenarios/{quote(scenario_id, safe='')}", models.ScenarioAnswer
        )


class Search:
    """Operations under `/v1/search`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def search_goods(
        self,
        *,
        q: str | None = None,
        photo: str | None = None,
        quantity: int | None = None,
        currency: str | None = None,
        price_max: float | None = None,
        moq_max: int | None = None,
        lead_time_days_max: float | None = None,
        availability: Literal["SPOT", "MADE_TO_ORDER", "PRESALE"] | None = None,
        category: str | None = None,
        supplier: str | None = None,
        belt: str | None = None,
        tier: Literal["A", "B", "C"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.GoodsList:
        """Search goods.

        Goods that answer words, a model number, a barcode or a pasted link, in zh, en or es.

        Or, with `photo` of `POST /v1/search/photos` in place of `q`, goods that look like it.

        Prices are of one unit of sale at `quantity` base units, in the offer's own currency:
        `price_max` means one only together with `currency`. `availability=SPOT` finds goods of
        which an order can take `quantity` now, or the minimum where that is more; facets,
        reasons and the goods themselves say `SPOT` of no others.
        """
        return self._transport.send(
            "GET",
            "/v1/search",
            models.GoodsList,
            query={
                "q": q,
                "photo": photo,
                "quantity": quantity,
                "currency": currency,
                "price_max": price_max,
                "moq_max": moq_max,
                "lead_time_days_max": lead_time_days_max,
                "availability": availability,
                "category": category,
                "supplier": supplier,
                "belt": belt,
                "tier": tier,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_search_goods(
        self,
        *,
        q: str | None = None,
        photo: str | None = None,
        quantity: int | None = None,
        currency: str | None = None,
        price_max: float | None = None,
        moq_max: int | None = None,
        lead_time_days_max: float | None = None,
        availability: Literal["SPOT", "MADE_TO_ORDER", "PRESALE"] | None = None,
        category: str | None = None,
        supplier: str | None = None,
        belt: str | None = None,
        tier: Literal["A", "B", "C"] | None = None,
    ) -> Iterator[models.Goods]:
        """Search goods: all rows, page after page."""
        return self._transport.pages(
            "/v1/search",
            models.GoodsList,
            query={
                "q": q,
                "photo": photo,
                "quantity": quantity,
                "currency": currency,
                "price_max": price_max,
                "moq_max": moq_max,
                "lead_time_days_max": lead_time_days_max,
                "availability": availability,
                "category": category,
                "supplier": supplier,
                "belt": belt,
                "tier": tier,
            },
        )

    def list_alike(self, sku: str, *, quantity: int | None = None) -> models.MakerList:
        """Who else makes an item.

        Other suppliers' products that are the same item or a substitute, side by side.

        Prices are of one unit of sale at `quantity` base units, in the offer's own currency;
        the operator gets the terms it buys at, everybody else those to buyers.
        """
        return self._transport.send(
            "GET",
            f"/v1/search/alike/{quote(sku, safe='')}",
            models.MakerList,
            query={"quantity": quantity},
        )

    def list_pairs(self, *, cursor: str | None = None, limit: int | None = None) -> models.PairList:
        """List pairs to decide.

        Pairs of products that may be one item and that nobody has decided; for the operator.
        """
        return self._transport.send(
            "GET", "/v1/search/pairs", models.PairList, query={"cursor": cursor, "limit": limit}
        )

    def iter_pairs(self) -> Iterator[models.PairAnswer]:
        """List pairs to decide: all rows, page after page."""
        return self._transport.pages("/v1/search/pairs", models.PairList, query={})

    def decide_pair(
        self, pair_id: str, body: models.VerdictBody, *, idempotency_key: str | None = None
    ) -> models.PairAnswer:
        """Decide a pair.

        Say whether two products are one item; groups follow at once, and later runs keep it.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/pairs/{quote(pair_id, safe='')}/decision",
            models.PairAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def send_photo(
        self, body: models.PhotoBody, *, idempotency_key: str | None = None
    ) -> models.PhotoAnswer:
        """Send a photo to search with.

        Look at a photo; `GET /v1/search?photo=` then finds goods that look like it.
        """
        return self._transport.send(
            "POST",
            "/v1/search/photos",
            models.PhotoAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_saved(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.SavedList:
        """List saved searches.

        The organization's saved searches, with how many goods have come to answer each.
        """
        return self._transport.send(
            "GET", "/v1/search/saved", models.SavedList, query={"cursor": cursor, "limit": limit}
        )

    def iter_saved(self) -> Iterator[models.SavedAnswer]:
        """List saved searches: all rows, page after page."""
        return self._transport.pages("/v1/search/saved", models.SavedList, query={})

    def save_search(
        self, body: models.SavedBody, *, idempotency_key: str | None = None
    ) -> models.SavedAnswer:
        """Save a search.

        Keeps a search; goods that come to answer it later are told of, each once.

        A good answers when it says every word and its terms fit. It is told by an event
        (`saved_search.answered`), on the console, and by webhooks, after imports and changes.
        """
        return self._transport.send(
            "POST",
            "/v1/search/saved",
            models.SavedAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_saved(self, saved_id: str) -> models.SavedAnswer:
        """One saved search.

        A saved search and how it stands.
        """
        return self._transport.send(
            "GET", f"/v1/search/saved/{quote(saved_id, safe='')}", models.SavedAnswer
        )

    def list_alerts(
        self, saved_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.AlertList:
        """Goods that came to answer.

        Goods that came to answer a saved search, the latest first, each once.
        """
        return self._transport.send(
            "GET",
            f"/v1/search/saved/{quote(saved_id, safe='')}/alerts",
            models.AlertList,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_alerts(self, saved_id: str) -> Iterator[models.AlertAnswer]:
        """Goods that came to answer: all rows, page after page."""
        return self._transport.pages(
            f"/v1/search/saved/{quote(saved_id, safe='')}/alerts", models.AlertList, query={}
        )

    def delete_saved(
        self, saved_id: str, *, idempotency_key: str | None = None
    ) -> models.SavedAnswer:
        """Delete a saved search.

        Forgets a search with what came to answer it; the answer is what it was.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/saved/{quote(saved_id, safe='')}/delete",
            models.SavedAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def pause_saved(
        self, saved_id: str, *, idempotency_key: str | None = None
    ) -> models.SavedAnswer:
        """Pause a saved search.

        Nothing more is told of; what comes meanwhile is not told later either.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/saved/{quote(saved_id, safe='')}/pause",
            models.SavedAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def rename_saved(
        self, saved_id: str, body: models.NameBody, *, idempotency_key: str | None = None
    ) -> models.SavedAnswer:
        """Rename a saved search.

        Another name; what came to answer stays.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/saved/{quote(saved_id, safe='')}/rename",
            models.SavedAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def resume_saved(
        self, saved_id: str, *, idempotency_key: str | None = None
    ) -> models.SavedAnswer:
        """Resume a saved search.

        Goods that come to answer from now on are told of again.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/saved/{quote(saved_id, safe='')}/resume",
            models.SavedAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def mark_seen(self, saved_id: str, *, idempotency_key: str | None = None) -> models.SavedAnswer:
        """Mark goods as seen.

        Says that the goods that came so far were seen.
        """
        return self._transport.send(
            "POST",
            f"/v1/search/saved/{quote(saved_id, safe='')}/seen",
            models.SavedAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_suggestions(self, *, q: str) -> models.SuggestionList:
        """What a beginning may become.

        Categories, belts and titles that go on as somebody types, from two letters on.
        """
        return self._transport.send(
            "GET", "/v1/search/suggestions", models.SuggestionList, query={"q": q}
        )


class Settlements:
    """Operations under `/v1/settlements`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_settlements(
        self,
        *,
        status: str | None = None,
        supplier: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.SettlementList:
        """Statements of suppliers.

        The supplier's own or, for the operator, all.
        """
        return self._transport.send(
            "GET",
            "/v1/settlements",
            models.SettlementList,
            query={"status": status, "supplier": supplier, "cursor": cursor, "limit": limit},
        )

    def iter_settlements(
        self, *, status: str | None = None, supplier: str | None = None
    ) -> Iterator[models.SettlementRow]:
        """Statements of suppliers: all rows, page after page."""
        return self._transport.pages(
            "/v1/settlements", models.SettlementList, query={"status": status, "supplier": supplier}
        )

    def settle(self, body: models.RunBody, *, idempotency_key: str | None = None) -> models.Stated:
        """State what suppliers are owed.

        One statement for each supplier and currency with something unstated. For the operator.
        """
        return self._transport.send(
            "POST",
            "/v1/settlements/run",
            models.Stated,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_settlement(self, settlement_id: str) -> models.SettlementShown:
        """One statement of a supplier.

        Its sums, its state and its parties.
        """
        return self._transport.send(
            "GET", f"/v1/settlements/{quote(settlement_id, safe='')}", models.SettlementShown
        )

    def ask_payout(
        self, settlement_id: str, *, idempotency_key: str | None = None
    ) -> models.SettlementRow:
        """Ask for a pay-out.

        A second person, or key, has to approve it.
        """
        return self._transport.send(
            "POST",
            f"/v1/settlements/{quote(settlement_id, safe='')}/ask",
            models.SettlementRow,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def decide_payout(
        self,
        settlement_id: str,
        body: models.LedgerDecideBody,
        *,
        idempotency_key: str | None = None,
    ) -> models.SettlementRow:
        """Pay a statement.

        Pays out what was asked for, or gives it back. Refuses who asked for it.
        """
        return self._transport.send(
            "POST",
            f"/v1/settlements/{quote(settlement_id, safe='')}/decide",
            models.SettlementRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_file(
        self,
        settlement_id: str,
        *,
        format: Literal["csv", "xlsx", "pdf"] | None = None,
        lang: Literal["en", "zh"] | None = None,
    ) -> bytes:
        """A statement as a file.

        CSV (UTF-8 with a byte order mark), XLSX or PDF: the lines, then the sums.
        """
        return self._transport.send(
            "GET",
            f"/v1/settlements/{quote(settlement_id, safe='')}/file",
            bytes,
            query={"format": format, "lang": lang},
        )

    def list_lines(
        self, settlement_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.SettlementLines:
        """The lines of a statement.

        What was earned and taken back, each with the commission at the rate of its day.
        """
        return self._transport.send(
            "GET",
            f"/v1/settlements/{quote(settlement_id, safe='')}/lines",
            models.SettlementLines,
            query={"cursor": cursor, "limit": limit},
        )

    def iter_lines(self, settlement_id: str) -> Iterator[models.SettlementLine]:
        """The lines of a statement: all rows, page after page."""
        return self._transport.pages(
            f"/v1/settlements/{quote(settlement_id, safe='')}/lines",
            models.SettlementLines,
            query={},
        )


class Shipments:
    """Operations under `/v1/shipments`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_shipments(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.ShipmentList:
        """What a factory has to ship.

        The calling supplier's tasks for buyers' orders; nobody else has any.
        """
        return self._transport.send(
            "GET", "/v1/shipments", models.ShipmentList, query={"cursor": cursor, "limit": limit}
        )

    def iter_shipments(self) -> Iterator[models.ShipmentRow]:
        """What a factory has to ship: all rows, page after page."""
        return self._transport.pages("/v1/shipments", models.ShipmentList, query={})


class ShippingNotices:
    """Operations under `/v1/shipping-notices`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_notices(
        self,
        *,
        waybill: str | None = None,
        node: str | None = None,
        status: models.NoticeState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.NoticeList:
        """List shipping notices.

        What the operator is told, or the calling supplier has said; `waybill` finds a box.
        """
        return self._transport.send(
            "GET",
            "/v1/shipping-notices",
            models.NoticeList,
            query={
                "waybill": waybill,
                "node": node,
                "status": status,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_notices(
        self,
        *,
        waybill: str | None = None,
        node: str | None = None,
        status: models.NoticeState | None = None,
    ) -> Iterator[models.NoticeAnswer]:
        """List shipping notices: all rows, page after page."""
        return self._transport.pages(
            "/v1/shipping-notices",
            models.NoticeList,
            query={"waybill": waybill, "node": node, "status": status},
        )

    def get_labels(
        self,
        notice_id: str,
        *,
        format: Literal["pdf", "zpl"] | None = None,
        lang: Literal["en", "zh"] | None = None,
    ) -> bytes:
        """The labels of announced cartons.

        One a carton; the code on it finds the notice at the hub.
        """
        return self._transport.send(
            "GET",
            f"/v1/shipping-notices/{quote(notice_id, safe='')}/labels",
            bytes,
            query={"format": format, "lang": lang},
        )


class ShippingQuotes:
    """Operations under `/v1/shipping-quotes`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def quote_box(
        self,
        *,
        node: str,
        country: str,
        weight_g: int,
        length_mm: int,
        width_mm: int,
        height_mm: int,
        on: dt.date | None = None,
        currency: str | None = None,
    ) -> models.QuoteList:
        """Quote a box.

        What each service asks for a box of this weight and size on a day (today unless given).

        `currency` is the one in which costs are compared, by dated rates; quotes keep their
        own.
        """
        return self._transport.send(
            "GET",
            "/v1/shipping-quotes",
            models.QuoteList,
            query={
                "node": node,
                "country": country,
                "weight_g": weight_g,
                "length_mm": length_mm,
                "width_mm": width_mm,
                "height_mm": height_mm,
                "on": on,
                "currency": currency,
            },
        )


class Ssccs:
    """Operations under `/v1/ssccs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find_sscc(self, sscc: str) -> models.SsccHolder:
        """What has an SSCC.

        The packed parcel or the announced carton; `sscc` are the 18 digits, or as scanned.
        """
        return self._transport.send("GET", f"/v1/ssccs/{quote(sscc, safe='')}", models.SsccHolder)


class StageTimes:
    """Operations under `/v1/stage-times`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_times(
        self, *, kind: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.StageTimeList:
        """Measured times of stages.

        Hours of half and of nine in ten stages, at each supplier and node with twenty or more.

        ROAD is from leaving a node to the door in a country; STOCK, HUB, MADE and DOOR are what
        lies before it, with the country `*` where a border follows. For the operator.
        """
        return self._transport.send(
            "GET",
            "/v1/stage-times",
            models.StageTimeList,
            query={"kind": kind, "cursor": cursor, "limit": limit},
        )

    def iter_times(self, *, kind: str | None = None) -> Iterator[models.StageTimeRow]:
        """Measured times of stages: all rows, page after page."""
        return self._transport.pages("/v1/stage-times", models.StageTimeList, query={"kind": kind})


class Stock:
    """Operations under `/v1/stock`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_stock(
        self,
        *,
        sku: str | None = None,
        node: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.StockList:
        """Stock by SKU and node.

        The operator sees all stock, a supplier its own, a buyer what can be ordered where.
        """
        return self._transport.send(
            "GET",
            "/v1/stock",
            models.StockList,
            query={"sku": sku, "node": node, "cursor": cursor, "limit": limit},
        )

    def iter_stock(
        self, *, sku: str | None = None, node: str | None = None
    ) -> Iterator[models.StockRow]:
        """Stock by SKU and node: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock", models.StockList, query={"sku": sku, "node": node}
        )

    def set_stock(self, body: models.StockBody) -> models.StockResults:
        """Set stock.

        Says what stands: the operator by count, a supplier by declaration at its own factories.

        Each item stands alone: one that is refused leaves the others standing. `version` is the
        source's own growing number; an older one is refused (`inventory.stale_version`). Fewer
        on hand than are reserved is accepted as a SHORTAGE: nothing more is sold.
        """
        return self._transport.send("PUT", "/v1/stock", models.StockResults, body=body)

    def list_adjustments(
        self,
        *,
        status: models.AdjustmentStatus | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.AdjustmentList:
        """Adjustments of stock.

        What people changed and why, newest first; `status=WAITING` is for a second person.
        """
        return self._transport.send(
            "GET",
            "/v1/stock/adjustments",
            models.AdjustmentList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_adjustments(
        self, *, status: models.AdjustmentStatus | None = None
    ) -> Iterator[models.AdjustmentAnswer]:
        """Adjustments of stock: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock/adjustments", models.AdjustmentList, query={"status": status}
        )

    def create_adjustment(
        self, body: models.AdjustmentBody, *, idempotency_key: str | None = None
    ) -> models.AdjustmentAnswer:
        """Adjust stock.

        Changes counted stock for a reason: adds or takes away, holds, frees, damages, mends,
        scraps.

        Beyond the limit of the stock policy it is WAITING until a second person approves it.
        """
        return self._transport.send(
            "POST",
            "/v1/stock/adjustments",
            models.AdjustmentAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def approve_adjustment(
        self, adjustment_id: str, *, idempotency_key: str | None = None
    ) -> models.AdjustmentAnswer:
        """Approve.

        Carries out an adjustment that waits. Not for whoever asked for it.
        """
        return self._transport.send(
            "POST",
            f"/v1/stock/adjustments/{quote(adjustment_id, safe='')}/approve",
            models.AdjustmentAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def reject_adjustment(
        self, adjustment_id: str, *, idempotency_key: str | None = None
    ) -> models.AdjustmentAnswer:
        """Reject.

        Ends an adjustment that waits; nothing changes. Not for whoever asked for it.
        """
        return self._transport.send(
            "POST",
            f"/v1/stock/adjustments/{quote(adjustment_id, safe='')}/reject",
            models.AdjustmentAnswer,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def set_level(self, body: models.LevelBody) -> models.LevelAnswer:
        """Watch a level.

        Records `stock.low` once when no more than `low_at` can be had, and again after a rise.
        """
        return self._transport.send("PUT", "/v1/stock/levels", models.LevelAnswer, body=body)

    def list_moves(
        self,
        *,
        sku: str,
        lot: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.LotMoveList:
        """Moves of lots.

        Where units of a SKU, or of one of its lots, came from and went: what a recall asks.
        """
        return self._transport.send(
            "GET",
            "/v1/stock/lot-moves",
            models.LotMoveList,
            query={"sku": sku, "lot": lot, "cursor": cursor, "limit": limit},
        )

    def iter_moves(self, *, sku: str, lot: str | None = None) -> Iterator[models.LotMoveRow]:
        """Moves of lots: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock/lot-moves", models.LotMoveList, query={"sku": sku, "lot": lot}
        )

    def keep_lots(self, body: models.LotRuleBody) -> models.LotRuleBody:
        """Keep lots of a SKU.

        Has a SKU keep lots, or no more; what stands of it becomes units that nobody named yet.
        """
        return self._transport.send("PUT", "/v1/stock/lot-rules", models.LotRuleBody, body=body)

    def list_lots(
        self,
        *,
        sku: str | None = None,
        node: str | None = None,
        ending: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.LotList:
        """Lots.

        The caller's lots that have units; `ending` only those that end soon or have.
        """
        return self._transport.send(
            "GET",
            "/v1/stock/lots",
            models.LotList,
            query={"sku": sku, "node": node, "ending": ending, "cursor": cursor, "limit": limit},
        )

    def iter_lots(
        self, *, sku: str | None = None, node: str | None = None, ending: bool | None = None
    ) -> Iterator[models.LotRow]:
        """Lots: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock/lots", models.LotList, query={"sku": sku, "node": node, "ending": ending}
        )

    def name_lot(
        self, body: models.LotNameBody, *, idempotency_key: str | None = None
    ) -> models.LotList:
        """Name a lot.

        Says which lot units are of and when it ends; the lots of that SKU and node afterwards.
        """
        return self._transport.send(
            "POST",
            "/v1/stock/lots/name",
            models.LotList,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def list_movements(
        self,
        *,
        sku: str | None = None,
        node: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.MovementList:
        """Changes of stock.

        Every change of the caller's stock (the operator: of all stock), newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/stock/movements",
            models.MovementList,
            query={"sku": sku, "node": node, "cursor": cursor, "limit": limit},
        )

    def iter_movements(
        self, *, sku: str | None = None, node: str | None = None
    ) -> Iterator[models.MovementRow]:
        """Changes of stock: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock/movements", models.MovementList, query={"sku": sku, "node": node}
        )

    def list_transfers(
        self,
        *,
        status: models.StockTransferStatus | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.StockTransferList:
        """Transfers between nodes.

        Goods sent from node to node, newest first.
        """
        return self._transport.send(
            "GET",
            "/v1/stock/transfers",
            models.StockTransferList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_transfers(
        self, *, status: models.StockTransferStatus | None = None
    ) -> Iterator[models.StockTransferAnswer]:
        """Transfers between nodes: all rows, page after page."""
        return self._transport.pages(
            "/v1/stock/transfers", models.StockTransferList, query={"status": status}
        )

    def receive_transfer(
        self,
        transfer_id: str,
        body: models.ArrivalBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.StockTransferAnswer:
        """Receive a transfer.

        The goods came in at the node they were sent to.
        """
        return self._transport.send(
            "POST",
            f"/v1/stock/transfers/{quote(transfer_id, safe='')}/receive",
            models.StockTransferAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def return_transfer(
        self,
        transfer_id: str,
        body: models.ArrivalBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.StockTransferAnswer:
        """Take a transfer back.

        The goods are back where they were sent from, or never left.
        """
        return self._transport.send(
            "POST",
            f"/v1/stock/transfers/{quote(transfer_id, safe='')}/return",
            models.StockTransferAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class SupplierInvoices:
    """Operations under `/v1/supplier-invoices`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_invoices(
        self,
        *,
        status: models.InvoiceState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.InvoiceList:
        """List supplier invoices.

        The operator's, or those of the calling supplier; DIFFERING ones wait for somebody.
        """
        return self._transport.send(
            "GET",
            "/v1/supplier-invoices",
            models.InvoiceList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_invoices(
        self, *, status: models.InvoiceState | None = None
    ) -> Iterator[models.InvoiceRow]:
        """List supplier invoices: all rows, page after page."""
        return self._transport.pages(
            "/v1/supplier-invoices", models.InvoiceList, query={"status": status}
        )

    def get_invoice(self, invoice_id: str) -> models.InvoiceAnswer:
        """One supplier invoice.

        An invoice with its lines beside what was agreed and received.
        """
        return self._transport.send(
            "GET", f"/v1/supplier-invoices/{quote(invoice_id, safe='')}", models.InvoiceAnswer
        )

    def decide_invoice(
        self,
        invoice_id: str,
        body: models.ProcurementDecideBody,
        *,
        idempotency_key: str | None = None,
    ) -> models.InvoiceAnswer:
        """Decide a differing invoice.

        Takes it as it is, or sends it back.
        """
        return self._transport.send(
            "POST",
            f"/v1/supplier-invoices/{quote(invoice_id, safe='')}/decide",
            models.InvoiceAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class SupplierPayments:
    """Operations under `/v1/supplier-payments`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_payments(
        self,
        *,
        status: models.PaymentState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.SupplierPaymentList:
        """List advances to suppliers.

        The operator's, or those of the calling supplier.
        """
        return self._transport.send(
            "GET",
            "/v1/supplier-payments",
            models.SupplierPaymentList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_payments(
        self, *, status: models.PaymentState | None = None
    ) -> Iterator[models.SupplierPaymentRow]:
        """List advances to suppliers: all rows, page after page."""
        return self._transport.pages(
            "/v1/supplier-payments", models.SupplierPaymentList, query={"status": status}
        )

    def decide_payment(
        self, payment_id: str, body: models.DecidePaymentBody, *, idempotency_key: str | None = None
    ) -> models.SupplierPaymentRow:
        """Pay an advance.

        Pays what was asked for, or gives it back. Refuses who asked for it. For the operator.
        """
        return self._transport.send(
            "POST",
            f"/v1/supplier-payments/{quote(payment_id, safe='')}/decide",
            models.SupplierPaymentRow,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Suppliers:
    """Operations under `/v1/suppliers`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_suppliers(
        self,
        *,
        q: str | None = None,
        tier: str | None = None,
        kind: str | None = None,
        belt: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.SupplierList:
        """List suppliers.

        Suppliers by code; `q` looks in code and names of both languages.
        """
        return self._transport.send(
            "GET",
            "/v1/suppliers",
            models.SupplierList,
            query={
                "q": q,
                "tier": tier,
                "kind": kind,
                "belt": belt,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_suppliers(
        self,
        *,
        q: str | None = None,
        tier: str | None = None,
        kind: str | None = None,
        belt: str | None = None,
    ) -> Iterator[models.SupplierRow]:
        """List suppliers: all rows, page after page."""
        return self._transport.pages(
            "/v1/suppliers",
            models.SupplierList,
            query={"q": q, "tier": tier, "kind": kind, "belt": belt},
        )

    def assess(self, *, idempotency_key: str | None = None) -> models.JobAsked:
        """Assess every supplier now.

        Every record and tier from the facts of a year, as each night.
        """
        return self._transport.send(
            "POST",
            "/v1/suppliers/assess",
            models.JobAsked,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_supplier(self, code: str) -> models.SupplierRow:
        """One supplier.

        A supplier by its code.
        """
        return self._transport.send(
            "GET", f"/v1/suppliers/{quote(code, safe='')}", models.SupplierRow
        )

    def list_facts(
        self,
        code: str,
        *,
        measure: models.Measure | None = None,
        bad: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.FactList:
        """The facts behind a record.

        One fact an order and measure, newest first: for the operator and the supplier itself.
        """
        return self._transport.send(
            "GET",
            f"/v1/suppliers/{quote(code, safe='')}/facts",
            models.FactList,
            query={"measure": measure, "bad": bad, "cursor": cursor, "limit": limit},
        )

    def iter_facts(
        self, code: str, *, measure: models.Measure | None = None, bad: bool | None = None
    ) -> Iterator[models.Fact]:
        """The facts behind a record: all rows, page after page."""
        return self._transport.pages(
            f"/v1/suppliers/{quote(code, safe='')}/facts",
            models.FactList,
            query={"measure": measure, "bad": bad},
        )

    def get_record(self, code: str) -> models.RecordAnswer:
        """A supplier's measured record.

        Each measure with interval, count, the tier it allows and what would lift it to A.
        """
        return self._transport.send(
            "GET", f"/v1/suppliers/{quote(code, safe='')}/record", models.RecordAnswer
        )

    def list_tiers(self, code: str) -> models.TierHistory:
        """The history of a supplier's tier.

        Each change of tier with the figures that decided it, newest first.
        """
        return self._transport.send(
            "GET", f"/v1/suppliers/{quote(code, safe='')}/tiers", models.TierHistory
        )


class TaxQuotes:
    """Operations under `/v1/tax-quotes`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def quote_taxes(
        self,
        *,
        country: str,
        hs_code: str,
        value: int,
        currency: str,
        freight: int | None = None,
        insurance: int | None = None,
        origin: str | None = None,
        scheme: str | None = None,
        on: dt.date | None = None,
    ) -> models.TaxQuote:
        """Quote import taxes.

        Duty on the customs value of the country, VAT on what its rule says.

        `value` of the goods, `freight` and a premium of `insurance` are in minor units of
        `currency`. The goods are a whole consignment: where they are worth little, the
        country's rule for that holds, also those for goods under a `scheme`, as IOSS. A rule, a
        rate or a freight that is not known is null, and so is what rests on it: there is no
        default.
        """
        return self._transport.send(
            "GET",
            "/v1/tax-quotes",
            models.TaxQuote,
            query={
                "country": country,
                "hs_code": hs_code,
                "value": value,
                "currency": currency,
                "freight": freight,
                "insurance": insurance,
                "origin": origin,
                "scheme": scheme,
                "on": on,
            },
        )


class TaxRates:
    """Operations under `/v1/tax-rates`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tax_rates(
        self,
        *,
        country: str | None = None,
        kind: models.TaxKind | None = None,
        hs_code: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.TaxRateList:
        """List duty, VAT and refund rates.

        They come in as the file `tax_rates`.
        """
        return self._transport.send(
            "GET",
            "/v1/tax-rates",
            models.TaxRateList,
            query={
                "country": country,
                "kind": kind,
                "hs_code": hs_code,
                "valid_on": valid_on,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_tax_rates(
        self,
        *,
        country: str | None = None,
        kind: models.TaxKind | None = None,
        hs_code: str | None = None,
        valid_on: dt.date | None = None,
    ) -> Iterator[models.TaxRateRow]:
        """List duty, VAT and refund rates: all rows, page after page."""
        return self._transport.pages(
            "/v1/tax-rates",
            models.TaxRateList,
            query={"country": country, "kind": kind, "hs_code": hs_code, "valid_on": valid_on},
        )


class TrackingEvents:
    """Operations under `/v1/tracking-events`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_events(
        self,
        *,
        waybill: str | None = None,
        carrier: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.TrackedEventList:
        """List what carriers told.

        Tracking events, the latest first; of one waybill or carrier if named. For the operator.
        """
        return self._transport.send(
            "GET",
            "/v1/tracking-events",
            models.TrackedEventList,
            query={"waybill": waybill, "carrier": carrier, "cursor": cursor, "limit": limit},
        )

    def iter_events(
        self, *, waybill: str | None = None, carrier: str | None = None
    ) -> Iterator[models.TrackedEvent]:
        """List what carriers told: all rows, page after page."""
        return self._transport.pages(
            "/v1/tracking-events",
            models.TrackedEventList,
            query={"waybill": waybill, "carrier": carrier},
        )

    def tell(
        self, body: models.TrackingBody, *, idempotency_key: str | None = None
    ) -> models.Tracked:
        """Tell of boxes.

        The furthest event of a box counts: arrived and delivered end stages, lost asks.

        Told again, or in another order, nothing is different.
        """
        return self._transport.send(
            "POST",
            "/v1/tracking-events",
            models.Tracked,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class TrackingFiles:
    """Operations under `/v1/tracking-files`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def take_file(
        self,
        file: tuple[str, bytes],
        *,
        carrier: str,
        zone: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Tracked:
        """Take a carrier's file.

        CSV with the columns waybill, at and status, and if there are any place and words.

        All of the file is taken, or nothing; statuses are read in English and Chinese, one that
        says nothing is kept as OTHER.
        """
        return self._transport.send(
            "POST",
            "/v1/tracking-files",
            models.Tracked,
            file=file,
            form={"carrier": carrier, "zone": zone},
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Transfers:
    """Operations under `/v1/transfers`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_transfers(
        self,
        *,
        status: models.TransferStatus | None = None,
        node: str | None = None,
        q: str | None = None,
        plan: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.ProposedTransferList:
        """Proposed transfers.

        What plans propose to move between nodes.
        """
        return self._transport.send(
            "GET",
            "/v1/transfers",
            models.ProposedTransferList,
            query={
                "status": status,
                "node": node,
                "q": q,
                "plan": plan,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iter_transfers(
        self,
        *,
        status: models.TransferStatus | None = None,
        node: str | None = None,
        q: str | None = None,
        plan: str | None = None,
    ) -> Iterator[models.ProposedTransfer]:
        """Proposed transfers: all rows, page after page."""
        return self._transport.pages(
            "/v1/transfers",
            models.ProposedTransferList,
            query={"status": status, "node": node, "q": q, "plan": plan},
        )

    def accept_transfers(
        self, body: models.TransfersBody | None = None, *, idempotency_key: str | None = None
    ) -> models.TransfersDecided:
        """Send transfers.

        The goods leave; what is no longer free at its origin stays open and counts as `left`.
        """
        return self._transport.send(
            "POST",
            "/v1/transfers/accept",
            models.TransfersDecided,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_transfer(self, transfer_id: str) -> models.ProposedTransfer:
        """One proposed transfer.

        A proposed transfer with its reasons.
        """
        return self._transport.send(
            "GET", f"/v1/transfers/{quote(transfer_id, safe='')}", models.ProposedTransfer
        )

    def accept_transfer(
        self,
        transfer_id: str,
        body: models.PlanningDecisionBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProposedTransfer:
        """Send a transfer.

        The goods leave their node and are inbound at the other.
        """
        return self._transport.send(
            "POST",
            f"/v1/transfers/{quote(transfer_id, safe='')}/accept",
            models.ProposedTransfer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def reject_transfer(
        self,
        transfer_id: str,
        body: models.PlanningDecisionBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProposedTransfer:
        """Reject a transfer.

        Nothing moves, nor is it proposed again for four weeks; the next plan buys.
        """
        return self._transport.send(
            "POST",
            f"/v1/transfers/{quote(transfer_id, safe='')}/reject",
            models.ProposedTransfer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def reopen_transfer(
        self,
        transfer_id: str,
        body: models.PlanningDecisionBody | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ProposedTransfer:
        """Put a transfer back.

        A rejected one can be decided again.
        """
        return self._transport.send(
            "POST",
            f"/v1/transfers/{quote(transfer_id, safe='')}/reopen",
            models.ProposedTransfer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class ValuationRules:
    """Operations under `/v1/valuation-rules`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_valuation_rules(
        self,
        *,
        country: str | None = None,
        valid_on: dt.date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.ValuationRuleList:
        """List customs value rules.

        They come in as the file `valuation_rules`.
        """
        return self._transport.send(
            "GET",
            "/v1/valuation-rules",
            models.ValuationRuleList,
            query={"country": country, "valid_on": valid_on, "cursor": cursor, "limit": limit},
        )

    def iter_valuation_rules(
        self, *, country: str | None = None, valid_on: dt.date | None = None
    ) -> Iterator[models.ValuationRuleRow]:
        """List customs value rules: all rows, page after page."""
        return self._transport.pages(
            "/v1/valuation-rules",
            models.ValuationRuleList,
            query={"country": country, "valid_on": valid_on},
        )


class Verifications:
    """Operations under `/v1/verifications`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_verifications(
        self,
        *,
        status: models.VerificationState | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.VerificationList:
        """List verifications.

        The operator's queue, or the caller's own; the longest waiting first.
        """
        return self._transport.send(
            "GET",
            "/v1/verifications",
            models.VerificationList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_verifications(
        self, *, status: models.VerificationState | None = None
    ) -> Iterator[models.VerificationAnswer]:
        """List verifications: all rows, page after page."""
        return self._transport.pages(
            "/v1/verifications", models.VerificationList, query={"status": status}
        )

    def invite(
        self, body: models.InvitationBody, *, idempotency_key: str | None = None
    ) -> models.VerificationAnswer:
        """Invite a supplier.

        A new supplier of tier C with a verification to fill in.
        """
        return self._transport.send(
            "POST",
            "/v1/verifications",
            models.VerificationAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def decide(
        self,
        verification_id: str,
        body: models.SuppliersDecisionBody,
        *,
        idempotency_key: str | None = None,
    ) -> models.VerificationAnswer:
        """Decide a verification.

        Verify for up to a year, send back for more, refuse, or begin a check by hand.
        """
        return self._transport.send(
            "POST",
            f"/v1/verifications/{quote(verification_id, safe='')}/decision",
            models.VerificationAnswer,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def link(self, verification_id: str, *, idempotency_key: str | None = None) -> models.Link:
        """Make a link for the phone.

        The supplier fills in its verification there without an account.
        """
        return self._transport.send(
            "POST",
            f"/v1/verifications/{quote(verification_id, safe='')}/link",
            models.Link,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Webhooks:
    """Operations under `/v1/webhooks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_webhooks(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.WebhookList:
        """Webhooks.

        The organization's webhooks; never a secret.
        """
        return self._transport.send(
            "GET", "/v1/webhooks", models.WebhookList, query={"cursor": cursor, "limit": limit}
        )

    def iter_webhooks(self) -> Iterator[models.Webhook]:
        """Webhooks: all rows, page after page."""
        return self._transport.pages("/v1/webhooks", models.WebhookList, query={})

    def create_webhook(
        self, body: models.WebhookBody, *, idempotency_key: str | None = None
    ) -> models.NewSecret:
        """Make a webhook.

        Begins with the events that follow. The secret (Standard Webhooks) is told once.

        Events come in order for each aggregate, at least once, signed; ten tries over 75 h,
        then the webhook is disabled and goes on where it stood when it is enabled again.
        """
        return self._transport.send(
            "POST",
            "/v1/webhooks",
            models.NewSecret,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_delivery(self, delivery_id: str) -> models.DeliveryAnswer:
        """One delivery.

        A delivery with the event it carries, and each try with what came back.
        """
        return self._transport.send(
            "GET", f"/v1/webhooks/deliveries/{quote(delivery_id, safe='')}", models.DeliveryAnswer
        )

    def replay_delivery(
        self, delivery_id: str, *, idempotency_key: str | None = None
    ) -> models.DeliveryRow:
        """Send one again.

        Sends the event of a delivery again, with the same id.
        """
        return self._transport.send(
            "POST",
            f"/v1/webhooks/deliveries/{quote(delivery_id, safe='')}/replay",
            models.DeliveryRow,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def get_webhook(self, webhook_id: str) -> models.Webhook:
        """One webhook.

        A webhook and how it stands.
        """
        return self._transport.send(
            "GET", f"/v1/webhooks/{quote(webhook_id, safe='')}", models.Webhook
        )

    def list_deliveries(
        self,
        webhook_id: str,
        *,
        status: models.DeliveryStatus | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.DeliveryList:
        """Deliveries of a webhook.

        What was sent, is being sent and was given up, newest first.
        """
        return self._transport.send(
            "GET",
            f"/v1/webhooks/{quote(webhook_id, safe='')}/deliveries",
            models.DeliveryList,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iter_deliveries(
        self, webhook_id: str, *, status: models.DeliveryStatus | None = None
    ) -> Iterator[models.DeliveryRow]:
        """Deliveries of a webhook: all rows, page after page."""
        return self._transport.pages(
            f"/v1/webhooks/{quote(webhook_id, safe='')}/deliveries",
            models.DeliveryList,
            query={"status": status},
        )

    def disable_webhook(
        self, webhook_id: str, *, idempotency_key: str | None = None
    ) -> models.Webhook:
        """Disable a webhook.

        Nothing more is sent there, and nothing is lost: enabling goes on where it stood.
        """
        return self._transport.send(
            "POST",
            f"/v1/webhooks/{quote(webhook_id, safe='')}/disable",
            models.Webhook,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def enable_webhook(
        self, webhook_id: str, *, idempotency_key: str | None = None
    ) -> models.Webhook:
        """Enable a webhook.

        Goes on where it stood: what was given up first, then what came since.
        """
        return self._transport.send(
            "POST",
            f"/v1/webhooks/{quote(webhook_id, safe='')}/enable",
            models.Webhook,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def replay_range(
        self, webhook_id: str, body: models.RangeBody, *, idempotency_key: str | None = None
    ) -> models.Replayed:
        """Send a range again.

        Sends the events from `first` to `last` (`feed_seq`) again, in order, up to 10,000.
        """
        return self._transport.send(
            "POST",
            f"/v1/webhooks/{quote(webhook_id, safe='')}/replay",
            models.Replayed,
            body=body,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )

    def rotate_secret(
        self, webhook_id: str, *, idempotency_key: str | None = None
    ) -> models.NewSecret:
        """Change the secret.

        Makes a new secret; for a day deliveries carry a signature of each.
        """
        return self._transport.send(
            "POST",
            f"/v1/webhooks/{quote(webhook_id, safe='')}/rotate",
            models.NewSecret,
            idempotency_key=idempotency_key,
            is_keyed=True,
        )


class Operations:
    """All operations of the API, by group."""

    def __init__(self, transport: Transport) -> None:
        self.api_keys = ApiKeys(transport)
        self.assurance = Assurance(transport)
        self.audit = Audit(transport)
        self.belts = Belts(transport)
        self.cargo_rules = CargoRules(transport)
        self.cartons = Cartons(transport)
        self.cases = Cases(transport)
        self.catalog = Catalog(transport)
        self.claim_cases = ClaimCases(transport)
        self.claims = Claims(transport)
        self.commission_rates = CommissionRates(transport)
        self.counts = Counts(transport)
        self.customs_files = CustomsFiles(transport)
        self.customs_setting = CustomsSetting(transport)
        self.customs_tasks = CustomsTasks(transport)
        self.decisions = Decisions(transport)
        self.declarations = Declarations(transport)
        self.demand_overrides = DemandOverrides(transport)
        self.events = Events(transport)
        self.export_terms = ExportTerms(transport)
        self.fapiaos = Fapiaos(transport)
        self.forecasts = Forecasts(transport)
        self.gs1_prefix = Gs1Prefix(transport)
        self.health = Health(transport)
        self.imports = Imports(transport)
        self.inbound = Inbound(transport)
        self.inventory_risks = InventoryRisks(transport)
        self.jobs = Jobs(transport)
        self.journeys = Journeys(transport)
        self.ledger = Ledger(transport)
        self.legal_entity = LegalEntity(transport)
        self.low_value_rules = LowValueRules(transport)
        self.match_tolerance = MatchTolerance(transport)
        self.new_goods = NewGoods(transport)
        self.order_changes = OrderChanges(transport)
        self.orders = Orders(transport)
        self.organization = Organization(transport)
        self.packings = Packings(transport)
        self.parcels = Parcels(transport)
        self.payment_terms = PaymentTerms(transport)
        self.photos = Photos(transport)
        self.plans = Plans(transport)
        self.pools = Pools(transport)
        self.proposals = Proposals(transport)
        self.purchase_deadlines = PurchaseDeadlines(transport)
        self.purchase_orders = PurchaseOrders(transport)
        self.rate_cards = RateCards(transport)
        self.returns = Returns(transport)
        self.sandbox = Sandbox(transport)
        self.scenarios = Scenarios(transport)
        self.search = Search(transport)
        self.settlements = Settlements(transport)
        self.shipments = Shipments(transport)
        self.shipping_notices = ShippingNotices(transport)
        self.shipping_quotes = ShippingQuotes(transport)
        self.ssccs = Ssccs(transport)
        self.stage_times = StageTimes(transport)
        self.stock = Stock(transport)
        self.supplier_invoices = SupplierInvoices(transport)
        self.supplier_payments = SupplierPayments(transport)
        self.suppliers = Suppliers(transport)
        self.tax_quotes = TaxQuotes(transport)
        self.tax_rates = TaxRates(transport)
        self.tracking_events = TrackingEvents(transport)
        self.tracking_files = TrackingFiles(transport)
        self.transfers = Transfers(transport)
        self.valuation_rules = ValuationRules(transport)
        self.verifications = Verifications(transport)
        self.webhooks = Webhooks(transport)
