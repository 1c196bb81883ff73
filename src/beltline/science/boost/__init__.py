"""Global gradient-boosted trees: one set of models for every series of a panel.

Rows are (series, origin, horizon); all features are ratios to the level of the series at its
origin, and the level times the day effects is the offset, so that trees learn shapes that hold
for every size. Means come from a few different Tweedie members, spread from quantile trees and
from forecasts that were made at past origins.
"""
