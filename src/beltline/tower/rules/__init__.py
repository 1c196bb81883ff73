"""What comes first and how it is said, how likely goods are late, how a map is drawn: pure."""
