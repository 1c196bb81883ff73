-- A search asks for the buyers' terms of hundreds of SKUs at once: this is a third of the unique
-- index, which has supplier, audience and currency in it.
create index offer_of_buyers on catalog.offer (sku_id) where audience = 'BUYERS';
