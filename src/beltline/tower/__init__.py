"""The control tower: what needs a decision now, five figures, and the health of the data.

Owns no table: it reads the published state of every module below.
"""
