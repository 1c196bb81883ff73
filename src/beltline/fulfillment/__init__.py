"""What happens to goods on their way: receipts now, the journey later.

Owns the schema `fulfillment`. Invariants: received = counted; a receipt moves stock, order, event
and audit in one transaction; the same receipt sent twice is one.
"""
