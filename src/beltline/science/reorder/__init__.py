"""Demand until the order after next: what an order decision has to know, learned on few series.

Trees learned on all series at once, from scratch at every cut-off and in seconds: a panel of a
few hundred weekly series is enough. `learner` tells means, `spread` turns them into sample paths,
`source.learn` gives both, or the floor tier's where there is too little to learn from.
"""
