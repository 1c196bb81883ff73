"""What happens to goods on their way: receipts now, the journey later.

Owns the schema `fulfillment`. Invariants: received = counted; a receipt moves stock, order and event in
one transaction.
"""
