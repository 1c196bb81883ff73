"""Ways out of the network to programs: the feed of events, and webhooks that carry it.

A webhook's deliveries are made from the feed, so that nothing can be lost between the two, and
go out in order per aggregate until they are taken or somebody is told that they are not.
"""
