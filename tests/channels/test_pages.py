"""The pages of webhooks: make one, see what went out, stop it; for administrators."""

from beltline.channels.workflows import Carrier
from beltline.kit.db import Database
from tests.channels.test_webhooks import tell
from tests.orders.make import make_market
from tests.visitor import visiting


async def test_a_webhook_is_made_shown_and_stopped(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    async with visiting(database, market.buyer) as visitor:
        assert "No webhook yet" in await visitor.see("/webhooks")
        wrong = await visitor.send("/webhooks", {"url": "https://127.0.0.1/", "types": ""})
        assert wrong.status_code == 422
        assert "private network" in wrong.text
        made = await visitor.send(
            "/webhooks", {"url": "https://hooks.invalid/in", "types": "order."}
        )
        assert "whsec_" in made.text
        path = made.text.split('href="/webhooks/whk_')[1].split('"')[0]
        await tell(database, market, events=1)
        carrier = Carrier(database, allow_private=False)
        await carrier.step()
        await carrier.finish()
        page = await visitor.see(f"/webhooks/whk_{path}")
        assert "whsec_" not in page
        assert "order.placed" in page
        delivery = page.split('href="/webhooks/deliveries/')[1].split('"')[0]
        detail = await visitor.see(f"/webhooks/deliveries/{delivery}")
        assert "webhook-signature" in detail
        assert "gaierror" in detail
        assert (await visitor.send(f"/webhooks/whk_{path}/disable")).status_code == 303
        assert "Enable" in await visitor.see(f"/webhooks/whk_{path}?done=disabled")
    async with visiting(database, market.buyer, role="VIEWER", language="zh") as visitor:
        page = await visitor.see("/webhooks")
        assert 'action="/webhooks"' not in page
        refused = await visitor.send("/webhooks", {"url": "https://hooks.invalid/in", "types": ""})
        assert refused.status_code == 403
    async with visiting(database, market.supplier) as visitor:
        assert (await visitor.get(f"/webhooks/whk_{path}")).status_code == 404
