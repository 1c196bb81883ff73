"""What leaves the network on paper."""
