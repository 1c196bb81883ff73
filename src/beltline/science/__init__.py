"""Pure decisions: arrays in, arrays out.

What the network knows as mathematics: demand panels, forecasts with whole distributions, order
decisions by simulation, working calendars, and the shard that makes all of it scale. Nothing
here reads a database, a clock, the network or the environment, and the same input with the same
seed gives the same numbers however the work was cut into shards. The verbs are always `fit`,
`forecast`, `simulate`, `decide` and `explain`.
"""
