"""Find goods by words, meaning and picture: text and images in, ranked candidates out.

Nothing here knows the database. The models lie in PyPI packages (the extra `search`); they are
read from there, run on NumPy alone and never ask the network.
"""
