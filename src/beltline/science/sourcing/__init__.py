"""Whom to buy from: choice and split of suppliers, and pooling of small buyers' demand.

`sourcing.exact` solves a group of needs with HiGHS, `sourcing.greedy` answers any number of them
and proves how far it can be from the best; `sourcing.choice.decide` picks which for every group.
`sourcing.pooling` joins buyers until a minimum order quantity is met and shares the bill.
"""
